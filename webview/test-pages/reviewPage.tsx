import { mountPage } from '../src/ui/mountPage.tsx';
import '../src/review/review.css';
import { ReviewPanel } from '../src/review/panel/reviewPanel.ts';
import { ReviewApp } from '../src/review/ReviewApp.tsx';
import { failure, MemoryReview, type MemorySample } from '../src/review/testing/memoryReview.ts';
import { listenAsVscode } from '../src/review/testing/vscodeKeys.ts';

const query = new URLSearchParams(location.search);
const classNames = ['bracket', 'washer', 'hex nut', 'bearing', 'spring clip'];
const size = { width: 640, height: 400 };

/** Parts on the image: place, class and confidence of the prediction. */
const parts = [
  [60, 50, 170, 150, 0, 0.94],
  [240, 80, 330, 170, 1, 0.71],
  [420, 60, 560, 180, 2, 0.48],
  [120, 230, 230, 350, 3, 0.31],
  [380, 240, 500, 340, 4, 0.12],
] as const;

/** A photo of the parts, in few colours so that the screenshots are small. */
function photo(): string {
  const shapes = parts.map(
    ([x1, y1, x2, y2]) =>
      `<ellipse cx="${(x1 + x2) / 2}" cy="${(y1 + y2) / 2}" rx="${(x2 - x1) / 2 - 6}" ry="${(y2 - y1) / 2 - 6}" fill="#c8b89a"/>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}"><rect width="100%" height="100%" fill="#5f6b73"/>${shapes.join('')}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function sample(sampleId: number): MemorySample {
  return {
    sampleId,
    imageUrl: photo(),
    path: `images/line-3/part_${String(400 + sampleId).padStart(5, '0')}.jpg`,
    ...size,
    predictions: parts.map(([x1, y1, x2, y2, classId, confidence], index) => ({
      x1,
      y1,
      x2,
      y2,
      classId,
      confidence,
      index,
      classScores: [
        { classId, score: confidence },
        { classId: (classId + 2) % classNames.length, score: confidence / 3 },
      ],
    })),
    reasons: ['3 boxes near the threshold', 'washer or hex nut?'],
    scores: [
      { id: 'entropy', title: 'Entropy', description: 'Confidence near one half.', value: 0.71, reason: null },
      { id: 'confidence', title: 'Confidence', description: 'Low confidence.', value: 0.22, reason: null },
      { id: 'margin', title: 'Margin', description: '', value: null, reason: 'not available for this head' },
    ],
  };
}

const samples = Array.from({ length: Number(query.get('samples') ?? '8') }, (_, place) => sample(place + 1));
const review = new MemoryReview(samples, classNames);
if (query.has('read-only')) {
  review.editable = false;
  review.notice = 'Iteration 2 is complete. Open iteration 3 to continue.';
}
listenAsVscode(review);
// Time stands still: the page shows how long verdicts take.
const panel = new ReviewPanel(review.host.context, () => 0);
mountPage(<ReviewApp panel={panel} />);
Object.assign(window, {
  /** Whether the page waits for the user. */
  isIdle: () => {
    const { busy, image, host } = panel.store.getState();
    return host !== null && busy === null && (host.current === null || image !== 'loading');
  },
  failNext: () => {
    review.failNext = failure('disk', 'Cannot write the label file: no space left on device.', 'Free some space.');
  },
});
