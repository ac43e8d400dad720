import { ReviewPanel } from '../src/review/panel/reviewPanel.ts';
import { ReviewApp } from '../src/review/ReviewApp.tsx';
import { mountPage } from '../src/ui/mountPage.tsx';
import { failure, MemoryReview, type MemorySample } from './memoryReview.ts';
import { listenAsVscode } from './vscodeKeys.ts';
import { type Part, partsOf, picture, pictureSize } from './pictures.ts';
import '../src/review/review.css';

const classNames = ['bracket', 'washer', 'hex nut', 'bearing', 'spring clip'];
const query = new URLSearchParams(location.search);
const many = Number(query.get('boxes') ?? '0');

const samples: MemorySample[] = Array.from({ length: Number(query.get('samples') ?? '14') }, (_, place) => {
  const parts = partsOf(place + 3, many > 0 ? many : place === 2 ? 0 : 9 - ((place * 5) % 6));
  return {
    sampleId: place + 1,
    imageUrl:
      place === Number(query.get('broken') ?? '-1') ? 'data:image/png;base64,none' : picture(place, parts.slice(0, 12)),
    path: `images/line-3/2024-11-07/part_${String(412 + place * 7).padStart(5, '0')}.jpg`,
    ...pictureSize,
    predictions: predictionsOf(parts, place),
    reasons:
      place % 4 === 3
        ? ['drawn at random']
        : ['3 boxes near the threshold', 'washer or hex nut?', 'entropy 0.71, higher than 94 % of the scored pool'],
    scores: [
      {
        id: 'entropy',
        title: 'Entropy',
        description: 'High when boxes have a confidence near one half.',
        value: 0.71 - place * 0.02,
        reason: null,
      },
      {
        id: 'confidence',
        title: 'Confidence',
        description: 'High when even the surest box is doubtful.',
        value: 0.22,
        reason: null,
      },
      {
        id: 'variance',
        title: 'Variance',
        description: 'High when sure and doubtful boxes stand side by side.',
        value: 0.34,
        reason: null,
      },
      {
        id: 'margin',
        title: 'Margin',
        description: 'High when two classes compete for a box.',
        value: place === 0 ? null : 0.5,
        reason: place === 0 ? 'not available for this head' : null,
      },
    ],
  };
});

function predictionsOf(parts: readonly Part[], place: number): MemorySample['predictions'] {
  return parts
    .map((part, index) => ({
      ...part,
      classId: part.classId,
      confidence: Math.max(0.06, 0.96 - index * (many > 0 ? 0.9 / many : 0.13) - (place % 3) * 0.04),
    }))
    .toSorted((a, b) => b.confidence - a.confidence)
    .map((part, index) => ({ ...part, index }));
}

const review = new MemoryReview(query.has('empty') ? [] : samples, classNames);
const delay = Number(query.get('delay') ?? '0');
review.before = () => new Promise((resolve) => setTimeout(resolve, delay));
for (const [id, verdict] of [
  [6, 'accepted'],
  [8, 'rejected-background'],
  [9, 'skipped'],
] as const) {
  if (query.has('judged')) review.judge(id, verdict, verdict === 'accepted' ? [] : null);
}
if (query.has('readonly')) {
  review.editable = false;
  review.notice = 'Iteration 2 is over; open iteration 3 to go on.';
}
listenAsVscode(review);
const panel = new ReviewPanel(review.host.context);
mountPage(<ReviewApp panel={panel} />);
Object.assign(window, { review, failure, panel });
