import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createFileLabels } from '../../src/adapters/labels/fileLabels.ts';
import type { LabelFs } from '../../src/adapters/labels/labelFs.ts';
import type { StoreCore } from '../../src/adapters/store/storeCore.ts';
import { createProject, Workbench } from '../../src/adapters/store/testing/fixtures.ts';
import { sameBytes } from '../../src/core/dataset/labelText.ts';
import type { Ports } from '../../src/workflow/ports/ports.ts';
import { recordOutsideEdit } from '../../src/workflow/dataset/labelJournal.ts';
import type { Lease } from '../../src/workflow/ports/store/leases.ts';
import { recover } from '../../src/workflow/dataset/recovery.ts';
import { undoVerdict } from '../../src/workflow/review/reversals.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import type { Decision } from '../../src/workflow/review/verdictOutcome.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

/** Something fails at the `at`-th step of an action and at the `times - 1` after it; `late`: although it took place. */
interface Fault {
  readonly at: number;
  readonly times: number;
  readonly late: boolean;
  readonly code: 'ENOSPC' | 'EIO';
}

/** A process that judges: label files in memory, a real database, and faults in both. */
class Desk {
  readonly store: StoreCore;
  readonly iterationId: number;
  readonly sampleIds: readonly number[];
  readonly imageIds: readonly number[];
  readonly files = new Map<string, Uint8Array>();
  ports: Ports;
  /** By image: the last event of what was acknowledged. */
  readonly acknowledged = new Map<number, number>();
  #alive: Lease;
  #fault: Fault | null = null;
  #step = 0;

  constructor() {
    this.store = bench.open(':memory:');
    const { iterationId, sampleIds, imageIds } = createProject(this.store, 3, 3);
    this.store.iterations.update(iterationId, { status: 'reviewing' });
    [this.iterationId, this.sampleIds, this.imageIds] = [iterationId, sampleIds, imageIds];
    const latin = Buffer.from('# Stra\u00dfe\n0 0.5 0.5 0.1 0.1\n', 'latin1');
    this.files.set('/data/labels/1.txt', latin);
    this.store.images.update([{ id: imageIds[1] ?? 0, labelHash: hashOf(latin), state: 'labelled' }]);
    this.#alive = { pid: 1, startTime: '1', nonce: '1' };
    this.ports = this.#open();
  }

  /** Lets `work` run into a fault; with `times` endless, the process dies of it. @returns whether it was acknowledged. */
  async attempt(fault: Fault | null, work: (ports: Ports) => Promise<unknown>): Promise<boolean> {
    [this.#fault, this.#step] = [fault, 0];
    const outcome = await work(this.ports).then(
      () => true,
      () => false,
    );
    this.#fault = null;
    if (fault?.times === Number.POSITIVE_INFINITY) this.restart();
    return outcome;
  }

  restart(): void {
    this.#alive = { ...this.#alive, nonce: String(Number(this.#alive.nonce) + 1) };
    this.ports = this.#open();
  }

  acknowledge(imageId: number): void {
    // A verdict that is given again after a failure stands on its first event; the failed one is abandoned.
    const last = this.store.labelEvents.history(imageId).findLast(({ state }) => state === 'done');
    this.acknowledged.set(imageId, last?.id ?? 0);
  }

  #open(): Ports {
    const owner = this.#alive;
    const labels = createFileLabels({ backupFolder: '/backups', fs: this.#fs() });
    const ports = {
      labels,
      store: {
        ...this.#calls('datasets'),
        ...this.#calls('images'),
        ...this.#calls('iterations'),
        ...this.#calls('samples'),
        ...this.#calls('labelEvents'),
        runs: { list: () => Promise.resolve([]) },
      },
      artifacts: { exists: () => Promise.resolve(true) },
      system: { owner, isAlive: (lease: Lease) => Promise.resolve(lease.nonce === this.#alive.nonce) },
    };
    return ports as unknown as Ports;
  }

  /** A repository whose methods answer later, and fail as the fault defines. */
  #calls(name: 'datasets' | 'images' | 'iterations' | 'samples' | 'labelEvents'): object {
    const methods = Object.entries(this.store[name]).map(([method, run]) => [
      method,
      (...values: readonly unknown[]) => this.#try(() => (run as (...all: readonly unknown[]) => unknown)(...values)),
    ]);
    return { [name]: Object.fromEntries(methods) };
  }

  async #try<Result>(work: () => Result): Promise<Result> {
    await Promise.resolve();
    const fault = this.#fault;
    const step = this.#step++;
    if (fault === null || step < fault.at || step >= fault.at + fault.times) return work();
    if (fault.late && (step === fault.at || fault.times !== Number.POSITIVE_INFINITY)) work();
    throw Object.assign(new Error(`${fault.code}: made up`), { code: fault.code });
  }

  #fs(): LabelFs {
    const held = (path: string): Uint8Array => {
      const bytes = this.files.get(path);
      if (bytes === undefined) throw missing(path);
      return bytes;
    };
    const attempt = <Result>(work: () => Result): Promise<Result> => this.#try(work);
    return {
      open: (path, flags) =>
        attempt(() => {
          if (flags !== 'r' && !this.files.has(path)) this.files.set(path, new Uint8Array());
          return {
            writeFile: (bytes) => attempt(() => void this.files.set(path, Buffer.concat([held(path), bytes]))),
            sync: () => attempt(() => undefined),
            chmod: () => Promise.resolve(),
            chown: () => Promise.resolve(),
            close: () => Promise.resolve(),
          };
        }),
      readFile: (path) => attempt(() => held(path)),
      stat: (path) => attempt(() => (held(path), { mode: 0o644, uid: 0, gid: 0 })),
      realpath: (path) => attempt(() => (held(path), path)),
      rename: (from, to) =>
        attempt(() => {
          this.files.set(to, held(from));
          this.files.delete(from);
        }),
      link: (from, to) => attempt(() => void this.files.set(to, held(from))),
      // A temporary file is removed whatever happens: what a killed process leaves of it is swept at the next start.
      unlink: (path) =>
        path.endsWith('.tmp')
          ? this.files.delete(path)
            ? Promise.resolve()
            : Promise.reject(missing(path))
          : attempt(() => (held(path), void this.files.delete(path))),
      mkdir: (path) => attempt(() => (dirname(path), undefined)),
    };
  }
}

const missing = (path: string): Error => Object.assign(new Error(path), { code: 'ENOENT' });
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const decisions: readonly Decision[] = [
  { verdict: 'accepted' },
  { verdict: 'corrected', boxes: [{ classId: 1, cx: 0.5, cy: 0.5, width: 0.25, height: 0.25 }] },
  { verdict: 'corrected', boxes: [] },
  { verdict: 'rejected-background' },
  { verdict: 'rejected-unusable' },
  { verdict: 'rejected-later' },
  { verdict: 'skipped' },
];

const fault: fc.Arbitrary<Fault | null> = fc.option(
  fc.record({
    at: fc.nat({ max: 32 }),
    times: fc.constantFrom(1, 2, 3, 30, Number.POSITIVE_INFINITY),
    late: fc.boolean(),
    code: fc.constantFrom('ENOSPC' as const, 'EIO' as const),
  }),
  { freq: 3 },
);

type Action =
  | { readonly kind: 'verdict'; readonly sample: number; readonly decision: Decision; readonly fault: Fault | null }
  | { readonly kind: 'undo' | 'restart'; readonly fault: Fault | null }
  | { readonly kind: 'scan'; readonly sample: number; readonly fault: Fault | null };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('verdict' as const),
      sample: fc.nat({ max: 2 }),
      decision: fc.constantFrom(...decisions),
      fault,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('undo' as const, 'restart' as const), fault }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('scan' as const), sample: fc.nat({ max: 2 }), fault }),
  },
);

async function perform(desk: Desk, step: Action): Promise<void> {
  switch (step.kind) {
    case 'verdict': {
      const { decision } = step;
      const [sampleId = 0, imageId = 0] = [desk.sampleIds[step.sample], desk.imageIds[step.sample]];
      const ok = await desk.attempt(step.fault, (ports) => submitVerdict(ports, sampleId, decision));
      if (!ok) return;
      desk.acknowledge(imageId);
      if (desk.store.samples.get(sampleId)?.verdict !== decision.verdict)
        throw new Error('acknowledged and not stored');
      return;
    }
    case 'undo': {
      let imageId = 0;
      const ok = await desk.attempt(step.fault, async (ports) => {
        ({ imageId } = await undoVerdict(ports, desk.iterationId));
      });
      if (ok) desk.acknowledge(imageId);
      return;
    }
    case 'restart':
      desk.restart();
      await desk.attempt(step.fault, recover);
      return;
    case 'scan':
      await desk.attempt(step.fault, (ports) =>
        recordOutsideEdit(ports, desk.imageIds[step.sample] ?? 0, ({ state }) => state),
      );
  }
}

/** What is on disk, in the database and in the journal says the same, and nothing that was acknowledged is older. */
function check({ store, files, imageIds, sampleIds, acknowledged }: Desk): void {
  expect(store.labelEvents.pending()).toEqual([]);
  for (const [index, imageId] of imageIds.entries()) {
    const path = `/data/labels/${index}.txt`;
    const file = files.get(path) ?? null;
    const image = store.images.get(imageId);
    expect(image?.labelHash).toBe(file === null ? null : hashOf(file));
    const last = store.labelEvents.history(imageId).findLast(({ state }) => state === 'done');
    expect(last?.id ?? 0).toBeGreaterThanOrEqual(acknowledged.get(imageId) ?? 0);
    if (last === undefined) continue;
    expect(sameBytes(last.after, file)).toBe(true);
    expect(store.samples.get(sampleIds[index] ?? 0)?.verdict).toBe(last.verdictAfter);
    expect(image?.state).toBe(last.stateAfter);
  }
  expect([...files.keys()].filter((path) => path.endsWith('.tmp') && path.startsWith('/data'))).toEqual([]);
}

describe('verdicts and undos among full disks, failing ones and deaths', () => {
  test('file, database and journal end with the last that was acknowledged, or one after it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async (steps) => {
        const desk = new Desk();
        try {
          for (const step of steps) await perform(desk, step);
          desk.restart();
          expect(await recover(desk.ports)).toMatchObject({ unfinished: [], conflicts: 0 });
          check(desk);
          // And goes on from there.
          await submitVerdict(desk.ports, desk.sampleIds[0] ?? 0, { verdict: 'rejected-background' });
          await undoVerdict(desk.ports, desk.iterationId);
          check(desk);
        } finally {
          desk.store.close();
        }
      }),
      { numRuns: Number(process.env['AL_FAULT_RUNS'] ?? 150) },
    );
  });
});
