import { expect, test } from 'vitest';
import { runOutputText } from './runOutputText.ts';

const time = '2026-11-30T17:45:00.123Z';

test('a run reads like its terminal output', () => {
  const text = runOutputText([
    { sequence: 1, time, kind: 'started', pid: 7, device: 'cpu', epochs: 3, resumedAt: 2 },
    { sequence: 2, time, kind: 'batch', epoch: 2, batch: 1, batches: 9 },
    { sequence: 3, time, kind: 'epoch', epoch: 2, epochs: 3, seconds: 4.26, losses: { box: 1.23456, class: 0.5 } },
    { sequence: 4, time, kind: 'metrics', epoch: 2, values: { mAP50: 0.4567 } },
    { sequence: 5, time, kind: 'warning', code: 'x', message: 'Two images were left out.' },
    { sequence: 6, time, kind: 'failed', error: { name: 'E', code: 'out-of-memory', message: 'Full.', hint: 'Less.' } },
  ]);
  expect(text.split('\n')).toEqual([
    '2026-11-30 17:45:00  Started on cpu, 3 epochs, from epoch 2',
    '2026-11-30 17:45:00  Epoch 2/3  box 1.2346  class 0.5000  4.3 s',
    '2026-11-30 17:45:00  Validation after epoch 2  mAP50 0.457',
    '2026-11-30 17:45:00  Warning: Two images were left out.',
    '2026-11-30 17:45:00  Failed: Full. Less.',
    '',
  ]);
});
