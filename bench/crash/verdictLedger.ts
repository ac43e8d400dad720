import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openWorkspace } from '../../extension/src/composition/workspace.ts';
import { ImageLocator } from '../../extension/src/workflow/dataset/images.ts';
import type { Fault, Figures } from './figures.ts';
import type { VictimLine } from './victim.ts';
import { builtPaths } from './workspace.ts';

type OpenVerdicts = ReadonlyMap<number, ReadonlySet<string | null>>;

interface Known {
  readonly verdict: string | null;
  readonly label: string | null;
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const bytesOf = (path: string): Buffer | null => (existsSync(path) ? readFileSync(path) : null);

/** Knows what was acknowledged, and holds a workspace against it at each new start. */
export class VerdictLedger {
  readonly #folder: string;
  readonly #figures: Figures;
  readonly #fault: Fault;
  readonly #known = new Map<number, Known>();
  #read = 0;

  constructor(folder: string, figures: Figures, fault: Fault) {
    this.#folder = folder;
    this.#figures = figures;
    this.#fault = fault;
  }

  /**
   * Reads what the victims have noted since.
   * @returns by sample, the verdicts that may have come through although nobody heard of it: one that was on its way, and one
   * that was refused after its file was written, as long as no later one of the sample was acknowledged.
   */
  take(log: string): OpenVerdicts {
    const text = bytesOf(log)?.toString('utf8') ?? '';
    const whole = text.slice(this.#read, text.lastIndexOf('\n') + 1);
    this.#read += whole.length;
    const open = new Map<number, Set<string | null>>();
    for (const line of whole.split('\n').slice(0, -1)) {
      const said = JSON.parse(line) as VictimLine;
      if (said.kind === 'begun') open.set(said.sampleId, (open.get(said.sampleId) ?? new Set()).add(said.verdict));
      if (said.kind !== 'acknowledged') continue;
      open.delete(said.sampleId);
      this.#figures.acknowledged++;
      this.#known.set(said.sampleId, { verdict: said.verdict, label: said.label });
    }
    return open;
  }

  /** Counts what a victim had acknowledged, and holds nothing against it. */
  countOnly(log: string): void {
    const lines = (bytesOf(log)?.toString('utf8') ?? '').split('\n').slice(0, -1);
    this.#figures.acknowledged += lines.filter(
      (line) => (JSON.parse(line) as VictimLine).kind === 'acknowledged',
    ).length;
  }

  /**
   * Starts the product on the workspace, which finishes what was left, and compares.
   * @param open verdicts that were on their way: before or after them, both are right.
   */
  async check(open: OpenVerdicts): Promise<void> {
    const { ports, recovery, close } = await openWorkspace({ folder: this.#folder, paths: builtPaths });
    try {
      for (const reason of recovery.unfinished) this.#fault(`recovery left something: ${reason}`);
      if ((await ports.store.labelEvents.pending()).length > 0) this.#lose('a verdict is still pending after a start');
      const [session] = await ports.store.sessions.list();
      const iteration = (await ports.store.iterations.list(session?.id ?? 0)).at(-1);
      const locator = await ImageLocator.of(ports, session?.datasetId ?? 0);
      for (const sample of await ports.store.samples.list(iteration?.id ?? 0)) {
        const image = await ports.store.images.get(sample.imageId);
        if (image === null) continue;
        const bytes = bytesOf(ports.labels.locate(locator.locate(image)));
        const now: Known = { verdict: sample.verdict, label: bytes === null ? null : digest(bytes) };
        const want = this.#known.get(sample.id);
        if (want !== undefined && (now.verdict !== want.verdict || now.label !== want.label)) {
          if (open.get(sample.id)?.has(now.verdict) !== true) {
            this.#lose(`sample ${sample.id} is ${JSON.stringify(now)}, and ${JSON.stringify(want)} was acknowledged`);
          }
        }
        this.#known.set(sample.id, now);
        const last = (await ports.store.labelEvents.history(image.id)).findLast(({ state }) => state === 'done');
        if (last === undefined) continue;
        const after = last.after === null ? null : Buffer.from(last.after);
        if ((after === null) !== (bytes === null) || (after !== null && bytes !== null && !after.equals(bytes))) {
          this.#tear(`the label of ${image.relativePath} is not what the journal says of it`);
        }
        if (image.labelHash !== now.label) this.#tear(`the database knows another label of ${image.relativePath}`);
      }
    } finally {
      await close();
    }
    const left = readdirSync(join(this.#folder, 'labels', 'train')).filter((name) => !name.endsWith('.txt'));
    if (left.length > 0) this.#tear(`temporary files are left: ${left.join(', ')}`);
    checkDatabase(join(this.#folder, '.active-learning', 'sessions.db'), this.#figures, this.#fault);
  }

  #lose(what: string): void {
    this.#figures.lost++;
    this.#fault(what);
  }

  #tear(what: string): void {
    this.#figures.torn++;
    this.#fault(what);
  }
}

/** Counts a database whose pages or references are not whole. */
export function checkDatabase(path: string, figures: Figures, fault: Fault): void {
  const database = new Database(path, { readonly: true });
  try {
    const pages = database.pragma('integrity_check', { simple: true });
    const references = database.pragma('foreign_key_check') as unknown[];
    if (pages === 'ok' && references.length === 0) return;
    figures.integrityBad++;
    fault(`${path}: ${String(pages)}, ${references.length} references to nothing`);
  } finally {
    database.close();
  }
}
