// Stands in for Python and the trainer in tests of the editor: it keeps the run-folder contract, prints what the real
// trainer prints, hands out the tiny model, and takes an epoch only when the test lets it.
// AL_STAGE names a folder: `stage.json` holds { missing, failure }, `allowed` the number of epochs that may be taken.
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const stage = process.env.AL_STAGE;
const { missing = [], failure = null } = JSON.parse(readFileSync(join(stage, 'stage.json'), 'utf8'));
const target = process.argv.at(-1);

if (process.argv.includes('-c')) {
  console.log(JSON.stringify({ version: [3, 12, 1], executable: '' }));
  process.exit();
}
if (target === '--check') {
  if (missing.length > 0) console.log(JSON.stringify({ missing }));
  else console.log(JSON.stringify({ pythonVersion: '3.12.1', packages: { torch: '2.13.0' }, devices: ['cpu'] }));
  process.exit(missing.length > 0 ? 3 : 0);
}

const at = (...names) => join(target, ...names);
let stop = false;
process.on('SIGTERM', () => (stop = true));
const cancelled = () => stop || existsSync(at('cancel'));
const allowed = () => Number(readFileSync(join(stage, 'allowed'), 'utf8'));

console.log('al-trainer: training started');
const config = JSON.parse(readFileSync(at('config.json'), 'utf8'));
writeJson('pid', { pid: process.pid, startTime: startTime(), nonce: process.env.AL_TRAINER_NONCE ?? config.nonce });
let sequence = existsSync(at('events.jsonl')) ? readFileSync(at('events.jsonl'), 'utf8').trim().split('\n').length : 0;
mkdirSync(at('weights'), { recursive: true });
const checkpoint = at('weights', 'last.pt');
let completed = existsSync(checkpoint) ? Number(readFileSync(checkpoint, 'utf8')) : 0;
const { epochs } = config.plan;
event('started', { pid: process.pid, device: 'cpu', epochs, ...(completed > 0 ? { resumedAt: completed } : {}) });
console.log(`train on cpu${completed > 0 ? `, continued after epoch ${completed}` : ''}`);

if (failure !== null) {
  const { message, hint, where } = failure;
  console.log(where ? `ERROR ${where}: ${message}` : `ERROR ${message}`);
  console.log(`  ${hint}`);
  end('failed', { name: 'TrainerError', code: 'dataset-invalid', ...failure });
}
while (completed < epochs && !cancelled()) {
  if (completed >= allowed()) {
    await sleep(50);
    continue;
  }
  completed += 1;
  writeFileSync(checkpoint, String(completed));
  const losses = { box_loss: 1 / completed, cls_loss: 2 / completed };
  event('epoch', { epoch: completed, epochs, seconds: 0.1, losses, learningRate: 0.001 });
  event('metrics', { epoch: completed, values: { precision: 0.5, recall: 0.5, map50: 0.5, map50_95: 0.25 } });
  console.log(`epoch ${completed}/${epochs}  box_loss ${(1 / completed).toFixed(4)}  lr 1.00e-03  0.1 s`);
}
end(cancelled() && completed < epochs ? 'cancelled' : 'finished', null);

function end(status, error) {
  const finished = status === 'finished';
  if (error === null) event('finished', { status });
  else event('failed', { error });
  if (finished) {
    writeFileSync(at('weights', 'best.pt'), 'weights');
    copyFileSync(process.env.AL_STAGE_MODEL, at('weights', 'model.onnx'));
    writeJson(join('weights', 'model.json'), {
      schema: 1,
      head: 'dense',
      names: config.classNames,
      stride: 32,
      imageSize: config.plan.imageSize,
      dynamic: true,
      input: { name: 'images' },
      outputs: [
        { name: 'output0', role: 'detections' },
        { name: 'embedding', role: 'embedding', dimensions: 3 },
      ],
    });
  }
  writeJson('result.json', {
    schema: 1,
    status,
    weights: finished ? 'weights/best.pt' : null,
    model: finished ? 'weights/model.onnx' : null,
    modelInfo: finished ? 'weights/model.json' : null,
    epochsCompleted: completed,
    trainingSeconds: completed / 10,
    finalLoss: finished ? 1 : null,
    packages: { python: '3.12.1' },
    device: 'cpu',
    error,
  });
  console.log(`al-trainer: training ${status === 'cancelled' ? 'finished (cancelled)' : status}`);
  process.exit(status === 'failed' ? 1 : 0);
}

function event(kind, fields) {
  sequence += 1;
  const line = { sequence, time: new Date().toISOString(), kind, ...fields };
  appendFileSync(at('events.jsonl'), `${JSON.stringify(line)}\n`);
}

function writeJson(name, value) {
  writeFileSync(at(`${name}.part`), JSON.stringify(value));
  renameSync(at(`${name}.part`), at(name));
}

function startTime() {
  if (process.platform !== 'linux') return '';
  const stat = readFileSync('/proc/self/stat', 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
