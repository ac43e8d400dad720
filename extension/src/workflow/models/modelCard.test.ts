import { defaultThresholds } from '../../core/detection/shownThresholds.ts';
import { expect, test } from 'vitest';
import { defaultSettings } from '../../core/session/settings.ts';
import { modelCard } from './modelCard.ts';

const time = '2026-11-30T12:00:00.000Z';

test('names from files are text in the card, not markup', () => {
  const session = {
    ...defaultSettings,
    typed: [],
    id: 1,
    datasetId: 1,
    name: '<script>alert(1)</script>\n# Owned',
    description: '[click](command:x) ![x](https://example.com/x.png)',
    status: 'active' as const,
    currentIteration: 1,
    bestMap50: 0.5,
    bestMap5095: 0.3,
    createdAt: time,
    startedAt: time,
    completedAt: null,
  };
  const iteration = {
    id: 1,
    sessionId: 1,
    iterationNumber: 1,
    status: 'completed' as const,
    resumeFrom: null,
    error: null,
    trainingImagesCount: 40,
    trainingBoxesCount: 258,
    validationImagesCount: 30,
    validationRevisionId: 1,
    map50: 0.5,
    map5095: 0.3,
    precision: 0.6,
    recall: 0.4,
    loss: null,
    modelPath: null,
    weightsPath: null,
    trainingTimeSeconds: 1,
    scoringTimeSeconds: 1,
    runId: null,
    shownThresholds: defaultThresholds,
    startedAt: time,
    completedAt: time,
  };
  const card = modelCard({
    session,
    dataset: {
      id: 1,
      source: { kind: 'yaml', path: '/data.yaml', poolFolders: [] },
      classNames: ['missing_hole', '<b>|`x`', 'a\u001B[2J'],
      createdAt: time,
      validationDrawn: false,
    },
    iterations: [iteration],
    iteration,
    version: {
      id: 1,
      sessionId: 1,
      iterationId: 1,
      versionNumber: 2,
      modelPath: '',
      weightsPath: '',
      performanceMetrics: {},
      isActive: true,
      isBest: true,
      modelSizeMb: 6,
      labelSnapshot: 'abc',
      lineage: { seed: 0, device: 'cpu', packages: { '<i>torch': '2' } },
      createdAt: time,
    },
    exportedAt: time,
  });
  expect(card).toContain('\\<script\\>alert(1)\\</script\\>');
  expect(card).toContain('\\[click\\](command:x) !\\[x\\](https\\://example.com/x.png)');
  expect(card).toContain('- Classes: 0 missing_hole, 1 \\<b\\>\\|\\`x\\`, 2 a\\\\u001B\\[2J');
  expect(card).toContain('\\<i\\>torch 2');
  expect(card.match(/^#+ .*$/gm)).toEqual([
    expect.stringMatching(/, version 2$/),
    '## Metrics',
    '## Use',
    expect.anything(),
  ]);
});
