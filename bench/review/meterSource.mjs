// Runs in the review page: measures each key by its own time stamp, messages as they arrive, and the first frame in which
// another image is shown and complete, plus the task after it.
const meter = { last: null, refusals: 0, frames: 0 };
window.alMeter = meter;

function shown() {
  return document.querySelector('.path .file')?.textContent ?? '';
}

window.addEventListener(
  'keydown',
  ({ timeStamp }) => {
    meter.last = { down: timeStamp, command: null, reply: null, painted: null, from: shown() };
  },
  true,
);
window.addEventListener('message', ({ data }) => {
  const { last } = meter;
  if (last === null) return;
  if (data.kind === 'event' && data.type === 'review/action') last.command ??= performance.now();
  if (data.kind === 'reply' && last.command !== null) last.reply ??= performance.now();
});

function look() {
  meter.frames++;
  const { last } = meter;
  const ready = document.querySelector('.review-canvas')?.getAttribute('data-image') === 'ready';
  if (last !== null && last.painted === null && ready && shown() !== last.from) {
    // A task after the frame runs once the frame is drawn.
    setTimeout(() => {
      last.painted ??= performance.now();
    });
  }
  requestAnimationFrame(look);
}
requestAnimationFrame(look);

new MutationObserver(() => {
  const refusal = document.querySelector('.review-refusal');
  if (refusal !== null) meter.refusals = Number(refusal.getAttribute('data-count'));
}).observe(document.body, { attributes: true, childList: true, subtree: true });
