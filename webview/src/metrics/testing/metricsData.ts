import type {
  IterationMetrics,
  MetricSeries,
  MetricsState,
  RunView,
} from '../../../../extension/src/protocol/metrics.ts';

/** A pseudo-random number between -1 and 1. */
function wobble(seed: number): number {
  const x = Math.sin(seed * 127.1 + 311.7) * 43758.5453;
  return 2 * (x - Math.floor(x)) - 1;
}

function curve(name: string, epochs: number, every: number, valueAt: (epoch: number) => number | null): MetricSeries {
  const points = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const value = epoch % every === 0 || epoch === epochs ? valueAt(epoch) : null;
    if (value !== null) points.push({ epoch, value });
  }
  return { name, points };
}

type Curve = (epoch: number) => number;

function falls(from: number, to: number, pace: number, noise: number, seed: number): Curve {
  return (epoch) => to + (from - to) * Math.exp(-epoch / pace) + noise * wobble(seed + epoch);
}

function rises(to: number, pace: number, noise: number, seed: number): Curve {
  return (epoch) =>
    Math.max(
      0,
      to * (1 - Math.exp(-epoch / pace)) + noise * wobble(seed + epoch) * (1 - 0.6 * Math.min(1, epoch / 50)),
    );
}

/** Typical curves of a detector trained on little data. @param every epochs between two validations. */
export function trainingSeries(epochs: number, level: number, every = 1, l1 = false): MetricSeries[] {
  return [
    curve('train/box_loss', epochs, 1, falls(1.92, 0.88, 14, 0.035, 1)),
    curve('train/cls_loss', epochs, 1, falls(3.71, 0.71, 9, 0.05, 2)),
    curve(l1 ? 'train/l1_loss' : 'train/dfl_loss', epochs, 1, falls(1.46, 1.02, 16, 0.02, 3)),
    curve('trainer/map50', epochs, every, rises(level + 0.2, 8, 0.03, 4)),
    curve('trainer/map50_95', epochs, every, rises(level, 11, 0.02, 5)),
    curve('trainer/precision', epochs, every, rises(level + 0.27, 6, 0.05, 6)),
    curve('trainer/recall', epochs, every, rises(level + 0.14, 9, 0.04, 7)),
  ];
}

function iteration(iterationNumber: number, part: Partial<IterationMetrics> = {}): IterationMetrics {
  const gain = 1 - Math.exp(-iterationNumber / 2.4);
  return {
    iterationNumber,
    status: 'completed',
    labelledImages: 32 + 18 * iterationNumber,
    labelledBoxes: 148 + 79 * iterationNumber + (iterationNumber % 2) * 11,
    map50: 0.41 + 0.36 * gain + 0.01 * wobble(iterationNumber),
    map5095: 0.22 + 0.31 * gain,
    precision: 0.52 + 0.3 * gain - (iterationNumber === 3 ? 0.03 : 0),
    recall: 0.38 + 0.36 * gain,
    validationImages: 40,
    classesWithTruth: 4,
    classCount: 5,
    reviewSeconds: 320 - 20 * iterationNumber,
    isBest: false,
    ...part,
  };
}

const cold = iteration(0, {
  labelledImages: 20,
  labelledBoxes: 93,
  map50: null,
  map5095: null,
  precision: null,
  recall: null,
  validationImages: null,
  classesWithTruth: null,
  reviewSeconds: 540,
});

function run(iterationNumber: number, part: Partial<RunView> = {}): RunView {
  const epoch = part.epoch ?? 50;
  return {
    runId: `run-${iterationNumber}`,
    iterationNumber,
    state: 'finished',
    epoch,
    epochs: 50,
    series: trainingSeries(epoch, 0.28 + 0.05 * iterationNumber),
    ...part,
  };
}

function state(part: Partial<MetricsState>): MetricsState {
  return { sessionId: 1, sessionName: 'Machined parts, line 3', iterations: [], runs: [], run: null, ...part };
}

const four = [
  cold,
  iteration(1),
  iteration(2),
  iteration(3),
  iteration(4, { isBest: true, status: 'reviewing', reviewSeconds: 95 }),
];
const runsOf = (count: number) =>
  Array.from({ length: count }, (_, place) => ({ runId: `run-${place + 1}`, iterationNumber: place + 1 }));
const none = {
  map50: null,
  map5095: null,
  precision: null,
  recall: null,
  validationImages: null,
  classesWithTruth: null,
};

/** The states of a session at different times. */
export const states: Readonly<Record<string, MetricsState>> = {
  running: state({
    iterations: [
      ...four.map((one) => ({ ...one, status: 'completed' })),
      iteration(5, { ...none, status: 'training', reviewSeconds: null }),
    ],
    runs: runsOf(5),
    run: run(5, { state: 'running', epoch: 23, series: trainingSeries(23, 0.5) }),
  }),
  finished: state({ iterations: four, runs: runsOf(4), run: run(4) }),
  elsewhere: state({
    iterations: [...four, iteration(5, { ...none, status: 'training', reviewSeconds: null })],
    runs: runsOf(5),
    run: run(2),
  }),
  rough: state({
    iterations: [
      cold,
      iteration(1, { validationImages: 12, classesWithTruth: 3 }),
      iteration(2, { validationImages: 12, classesWithTruth: 3, isBest: true, status: 'reviewing' }),
    ],
    runs: [...runsOf(1), { runId: 'run-2a', iterationNumber: 2 }, { runId: 'run-2', iterationNumber: 2 }],
    run: run(2, { series: trainingSeries(50, 0.3, 10, true) }),
  }),
  first: state({
    sessionName: 'Wheat heads 2026: field trials north and south, drone images at 12 m',
    iterations: [cold, iteration(1, { ...none, status: 'training', reviewSeconds: null })],
    runs: runsOf(1),
    run: run(1, {
      state: 'running',
      epoch: 1,
      series: trainingSeries(1, 0.2, 10).filter(({ name }) => name.startsWith('train/')),
    }),
  }),
  starting: state({
    iterations: [cold, iteration(1, { ...none, status: 'training', reviewSeconds: null })],
    runs: runsOf(1),
    run: run(1, { state: 'running', epoch: 0, series: [] }),
  }),
  single: state({
    iterations: [cold, iteration(1, { isBest: true, status: 'reviewing', reviewSeconds: null, validationImages: 8 })],
    runs: runsOf(1),
    run: run(1, { epoch: 1, epochs: 1, series: trainingSeries(1, 0.3) }),
  }),
  failed: state({
    iterations: [...four.slice(0, 3), iteration(3, { ...none, status: 'failed', reviewSeconds: null })],
    runs: runsOf(3),
    run: run(3, {
      state: 'failed',
      epoch: 17,
      series: trainingSeries(17, 0.4, 5).map((one) =>
        one.name.startsWith('train/')
          ? { ...one, points: one.points.filter(({ epoch }) => epoch < 9 || epoch > 12) }
          : one,
      ),
    }),
  }),
  long: state({
    iterations: Array.from({ length: 14 }, (_, place) => iteration(place + 1, { isBest: place === 13 })),
    runs: runsOf(14),
    run: run(14, { epoch: 300, epochs: 300, series: trainingSeries(300, 0.55) }),
  }),
  empty: state({}),
};
