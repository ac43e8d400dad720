import { defaultThresholds } from '../../core/detection/shownThresholds.ts';
import { describe, expect, it } from 'vitest';
import { availableActions, type SessionFacts } from '../../core/session/actions.ts';
import { defaultSettings } from '../../core/session/settings.ts';
import type { IterationStatus } from '../../core/session/types.ts';
import type { IterationRow } from '../../workflow/ports/store/iterations.ts';
import type { ModelVersionRow } from '../../workflow/ports/store/models.ts';
import type { SessionRow } from '../../workflow/ports/store/sessions.ts';
import type { IterationStatusView, SessionStatusView } from '../../workflow/session/status.ts';
import { english } from '../text/localiser.ts';
import { nextStep, sessionNode } from './treeModel.ts';

const session: SessionRow = {
  ...defaultSettings,
  name: 'Parts',
  typed: [],
  id: 7,
  datasetId: 1,
  status: 'active',
  currentIteration: 1,
  bestMap50: null,
  bestMap5095: null,
  createdAt: '2026-01-01T00:00:00Z',
  startedAt: '2026-01-01T00:00:00Z',
  completedAt: null,
};

function iterationOf(status: IterationStatus, change: Partial<IterationRow> = {}): IterationRow {
  return {
    id: 11,
    sessionId: 7,
    iterationNumber: 1,
    status,
    resumeFrom: null,
    error: null,
    trainingImagesCount: 40,
    trainingBoxesCount: 90,
    validationImagesCount: 12,
    validationRevisionId: 1,
    map50: null,
    map5095: null,
    precision: null,
    recall: null,
    loss: null,
    modelPath: null,
    weightsPath: null,
    trainingTimeSeconds: null,
    scoringTimeSeconds: null,
    runId: 's7-i1-x',
    shownThresholds: defaultThresholds,
    startedAt: '2026-01-01T00:00:00Z',
    completedAt: null,
    ...change,
  };
}

const model: ModelVersionRow = {
  id: 3,
  sessionId: 7,
  iterationId: 11,
  versionNumber: 1,
  modelPath: '/m.onnx',
  weightsPath: '/m.pt',
  performanceMetrics: {},
  isActive: true,
  isBest: true,
  modelSizeMb: 6.21,
  labelSnapshot: 'x',
  lineage: {},
  createdAt: '2026-01-01T00:00:00Z',
};

function viewOf(
  iterations: readonly IterationStatusView[],
  facts: Partial<SessionFacts> = {},
  change: Partial<SessionRow> = {},
): SessionStatusView {
  const row = { ...session, ...change };
  const last = iterations.at(-1);
  return {
    session: row,
    iterations,
    actions: availableActions(row, last?.iteration ?? null, {
      labelledImages: 40,
      validationImages: 60,
      labelledValidationImages: 60,
      poolImages: 100,
      openSamples: last?.samples.open ?? 0,
      reviewedSamples: (last?.samples.total ?? 0) - (last?.samples.open ?? 0),
      modelVersions: iterations.filter((entry) => entry.model !== null).length,
      working: false,
      ...facts,
    }),
    labelled: { training: 40, validation: 60, test: 15, toSetAside: 0 },
    images: { labelled: 115, unlabelled: 100, later: 0, unusable: 1, broken: 2, missing: 0 },
    absent: [],
  };
}

const untimed = { labelled: 0, seconds: 0, timed: 0 };
const none = { total: 0, open: 0, byVerdict: {}, ...untimed };
const reviewing: IterationStatusView = {
  iteration: iterationOf('reviewing', { map50: 0.612, map5095: 0.41, precision: 0.7, recall: 0.5 }),
  model,
  samples: {
    total: 20,
    open: 17,
    byVerdict: { accepted: 1, 'rejected-background': 1, 'rejected-later': 1 },
    ...untimed,
  },
};

function tooltipOf(performanceMetrics: ModelVersionRow['performanceMetrics']): string | undefined {
  const iteration = { ...reviewing, model: { ...model, performanceMetrics } };
  return sessionNode(english, viewOf([iteration]), null).children[0]?.tooltip;
}

function samplesTooltip(seconds: number, timed: number): string | undefined {
  const entry = { ...reviewing, samples: { ...reviewing.samples, seconds, timed } };
  const details = sessionNode(english, viewOf([entry]), null).children[0]?.children ?? [];
  return details.find(({ kind }) => kind === 'samples')?.tooltip;
}

describe('a session in the tree', () => {
  it('is new before its first iteration and can be trained', () => {
    const node = sessionNode(english, viewOf([], {}, { status: 'created', currentIteration: 0 }), null);
    expect(node).toMatchObject({ label: 'Parts', description: 'new · 40 labelled, 100 unlabelled', icon: 'beaker' });
    expect(node.context).toMatch(/^session;.*run;.*next=run;/);
    expect(node.children).toEqual([]);
  });

  it('shows the provider that scored the images, if known', () => {
    expect(tooltipOf({ scoredOn: 'GPU (torch)' })?.split('\n')).toContain('Images scored on GPU (torch)');
    expect(tooltipOf({})).not.toContain('scored on');
  });

  it('shows the pace of a review below the iteration once five images have a time', () => {
    expect(samplesTooltip(0.5, 4)).toBe('Reviewed 3/20: 1 accepted, 2 rejected');
    expect(samplesTooltip(50, 5)).toBe('Reviewed 3/20: 1 accepted, 2 rejected\n10 s an image · about 3 min to go');
  });

  it('offers the first batch instead of a training while there is nothing to train on', () => {
    const unlabelled = { labelledImages: 0, validationImages: 0, labelledValidationImages: 0 };
    const fresh = viewOf([], unlabelled);
    expect(nextStep(fresh, false)).toBe('firstBatch');
    const { context } = sessionNode(english, fresh, null);
    expect(context).toContain(';firstBatch;');
    expect(context).not.toContain(';run;');
    const stopped = { iteration: iterationOf('failed', { iterationNumber: 0, resumeFrom: 'selecting' }), model: null };
    const samples = { ...untimed, total: 0, open: 0, byVerdict: {} };
    expect(nextStep(viewOf([{ ...stopped, samples }], unlabelled), false)).toBe('firstBatch');
  });

  it('says what the labelled images are for', () => {
    const view = { ...viewOf([]), labelled: { training: 20, validation: 0, test: 0, toSetAside: 4 } };
    expect(sessionNode(english, viewOf([]), null).tooltip).toContain(
      'Images: 40 labelled to train on, 60 labelled for validation, 15 labelled for tests, 100 unlabelled, 0 for later',
    );
    expect(sessionNode(english, view, null).tooltip).toContain(
      'Images: 16 labelled to train on, about 4 labelled to set aside for validation, 100 unlabelled, 0 for later',
    );
  });

  it('calls iteration 0 the first batch, and what was drawn without a prediction labelled', () => {
    const samples = { ...untimed, total: 20, open: 17, byVerdict: { corrected: 2, accepted: 1 }, labelled: 2 };
    const batch = { iteration: iterationOf('reviewing', { iterationNumber: 0 }), model: null, samples };
    const node = sessionNode(english, viewOf([batch], {}, { currentIteration: 0 }), null);
    expect(node.description).toBe('17 to review · first batch');
    expect(node.children[0]?.label).toBe('First batch');
    expect(node.children[0]?.children[0]?.description).toBe('1 accepted, 2 labelled');
    const one = { ...batch, samples: { ...samples, labelled: 1 } };
    const details = sessionNode(english, viewOf([one]), null).children[0]?.children;
    expect(details?.[0]?.description).toBe('1 accepted, 1 corrected, 1 labelled');
  });

  it('suggests the review while samples are open, then its end, then the next training', () => {
    expect(nextStep(viewOf([reviewing]), false)).toBe('review');
    const all = { ...reviewing, samples: { total: 20, open: 0, byVerdict: { accepted: 20 }, ...untimed } };
    expect(nextStep(viewOf([all]), false)).toBe('finish');
    const node = sessionNode(english, viewOf([all]), null);
    expect(node.description).toBe('reviewed · iteration 1 of 10');
    expect(node.children[0]?.description).toBe('reviewed · mAP 0.41');
    expect(nextStep(viewOf([{ ...all, iteration: iterationOf('completed') }]), false)).toBe('run');
  });

  it('offers to resume after a failure and shows the cause', () => {
    const failed = iterationOf('failed', { resumeFrom: 'training', error: 'Out of memory. Choose a smaller batch.' });
    const node = sessionNode(english, viewOf([{ iteration: failed, model: null, samples: none }]), null);
    expect(node).toMatchObject({ icon: 'error', description: 'failed · iteration 1 of 10' });
    expect(node.context).toContain('next=run;');
    expect(node.children[0]).toMatchObject({
      icon: 'error',
      tooltip: expect.stringContaining('Out of memory') as string,
    });
  });

  it('can be stopped while this window or another one runs it', () => {
    const training = { iteration: iterationOf('training'), model: null, samples: none };
    const running = {
      sessionName: 'Parts',
      iterationNumber: 1,
      progress: { step: 'train', message: '', fraction: 0.5 },
    };
    const node = sessionNode(english, viewOf([training], { working: true }), running);
    expect(node).toMatchObject({ icon: 'sync~spin', description: 'Training 50 %' });
    expect(node.context).toContain('running;next=stop;');
    expect(node.children[0]).toMatchObject({ icon: 'sync~spin', description: 'Training' });
    expect(nextStep(viewOf([training], { working: true }), false)).toBe('stop');
  });

  it('marks an iteration that no window runs as interrupted', () => {
    const node = sessionNode(
      english,
      viewOf([{ iteration: iterationOf('scoring'), model: null, samples: none }]),
      null,
    );
    expect(node.children[0]).toMatchObject({ icon: 'debug-pause', description: 'scoring images (interrupted)' });
  });

  it('shows that another window runs it', () => {
    const view = viewOf([{ iteration: iterationOf('training'), model: null, samples: none }], { working: true });
    const node = sessionNode(english, view, null, true);
    expect(node.children[0]).toMatchObject({ icon: 'sync~spin', description: 'training in another window' });
    expect(node.context).toContain(';elsewhere;next=stop;');
    const resting = sessionNode(english, viewOf([reviewing]), null, true);
    expect(resting.context).not.toContain('elsewhere');
    expect(resting.children[0]).toMatchObject({ icon: 'checklist' });
  });

  it('can be taken over in steps other than training, which only the other window can stop', () => {
    const view = viewOf([{ iteration: iterationOf('scoring'), model: null, samples: none }]);
    expect(nextStep(view, false, true)).toBe('takeOver');
    expect(sessionNode(english, view, null, true).context).toContain('elsewhere;next=takeOver;');
    expect(nextStep(view, false, false)).toBe('run');
  });

  it('offers the export if nothing else is left', () => {
    const last = { ...reviewing, iteration: iterationOf('completed', { iterationNumber: 2 }) };
    expect(nextStep(viewOf([last], { poolImages: 0 }, { maxIterations: 1 }), false)).toBe('export');
    expect(nextStep(viewOf([{ ...last, model: null }], {}, { status: 'completed' }), false)).toBe('none');
  });

  it('is collapsed and exportable once completed', () => {
    const done = { ...reviewing, iteration: iterationOf('completed') };
    const node = sessionNode(english, viewOf([done], {}, { status: 'completed', bestMap5095: 0.4149 }), null);
    expect(node).toMatchObject({ expanded: false, icon: 'pass-filled', description: 'completed · best mAP 0.41' });
    expect(node.tooltip?.split('\n')).toContain('Best mAP50-95 0.41');
    expect(node.context).toMatch(/export;.*closed;.*next=export;/);
    expect(node.context).not.toContain(';run;');
  });
});

describe('an iteration in the tree', () => {
  const node = sessionNode(english, viewOf([reviewing]), null).children[0];

  it('shows its model, metrics and review progress', () => {
    expect(node?.description).toBe('to review · mAP 0.41');
    expect(node?.tooltip?.split('\n')[0]).toBe('to review · mAP50-95 0.41');
    expect(node?.spoken).toContain('to review · mAP50-95 0.41');
    expect(node?.children[1]?.tooltip?.split('\n')[0]).toBe('mAP50 0.61 · mAP50-95 0.41 on 12 validation images');
    expect(node?.children.map(({ label, description }) => [label, description])).toEqual([
      ['Model version 1', 'best · active · 6.2 MB'],
      ['mAP50 0.61 · mAP50-95 0.41', 'on 12 validation images'],
      ['Reviewed 3/20', '1 accepted, 2 rejected'],
    ]);
  });

  it('uses the singular for one validation image', () => {
    const iteration = { ...reviewing.iteration, validationImagesCount: 1 };
    const [, metrics] = sessionNode(english, viewOf([{ ...reviewing, iteration }]), null).children[0]?.children ?? [];
    expect(metrics?.description).toBe('on 1 validation image');
  });

  it('has an id and an accessible label for every item', () => {
    const items = [node, ...(node?.children ?? [])];
    expect(new Set(items.map((item) => item?.id)).size).toBe(4);
    expect(items.every((item) => item !== undefined && item.spoken !== '' && !item.spoken.includes('$('))).toBe(true);
  });

  it('has a label for its kind', () => {
    const labels = [0, 3, 11].map((iterationNumber) => {
      const iteration = iterationOf('completed', { iterationNumber });
      return sessionNode(english, viewOf([{ iteration, model: null, samples: none }]), null).children[0]?.label;
    });
    expect(labels).toEqual(['First batch', 'Iteration 3', 'Final training']);
  });

  it('puts the newest first', () => {
    const first = { ...reviewing, iteration: iterationOf('completed', { id: 1 }) };
    const second = { ...reviewing, iteration: iterationOf('reviewing', { id: 2, iterationNumber: 2 }) };
    const children = sessionNode(english, viewOf([first, second]), null).children;
    expect(children.map(({ label, expanded }) => [label, expanded])).toEqual([
      ['Iteration 2', true],
      ['Iteration 1', false],
    ]);
  });
});

describe('menus', () => {
  it('match their flags with the patterns of the manifest', async () => {
    const { readFileSync } = await import('node:fs');
    const path = new URL('../../../../package.json', import.meta.url);
    const { contributes } = JSON.parse(readFileSync(path, 'utf8')) as {
      contributes: { menus: Record<string, { command: string; when: string; group: string }[]> };
    };
    const inline = (context: string): string[] =>
      (contributes.menus['view/item/context'] ?? [])
        .filter(({ group }) => group.startsWith('inline'))
        .filter(({ when }) => new RegExp(/viewItem =~ \/(.*)\/$/.exec(when)?.[1] ?? '^$').test(context))
        .map(({ command }) => command.replace('activeLearning.', ''));
    expect(inline(sessionNode(english, viewOf([reviewing]), null).context)).toEqual(['review.open']);
    expect(inline(sessionNode(english, viewOf([]), null).context)).toEqual(['iteration.run']);
    const all = { ...reviewing, samples: { total: 20, open: 0, byVerdict: {}, ...untimed } };
    expect(inline(sessionNode(english, viewOf([all]), null).context)).toEqual(['review.finish']);
    const scoring = viewOf([{ iteration: iterationOf('scoring'), model: null, samples: none }]);
    expect(inline(sessionNode(english, scoring, null, true).context)).toEqual(['iteration.takeOver']);
    const completed = { ...reviewing, iteration: iterationOf('completed') };
    expect(inline(sessionNode(english, viewOf([completed], {}, { status: 'completed' }), null).context)).toEqual([
      'model.export',
    ]);
    const [version, metrics, samples] = sessionNode(english, viewOf([reviewing]), null).children[0]?.children ?? [];
    expect([version, metrics, samples].map((item) => inline(item?.context ?? ''))).toEqual([
      ['model.exportVersion'],
      ['metrics.open'],
      ['review.open', 'images.browse'],
    ]);
  });
});
