import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tinyModelInfo } from '../../src/adapters/inference/testing/predictions.ts';
import { openWorkspace } from '../../src/composition/workspace.ts';
import type { SessionSettings } from '../../src/core/session/types.ts';
import type { Ports } from '../../src/workflow/ports/ports.ts';
import { scoreVersion, type ScoringReport } from '../../src/workflow/iteration/score.ts';
import type { InferenceOptions, InferenceResult } from '../../src/workflow/ports/inference.ts';
import type { ModelVersionRow } from '../../src/workflow/ports/store/models.ts';
import type { PredictionRow } from '../../src/workflow/ports/store/predictions.ts';
import type { SessionRow } from '../../src/workflow/ports/store/sessions.ts';
import { createSession, editSession } from '../../src/workflow/session/sessions.ts';
import { makePaintedDataset, sharedInference, type PaintedObject } from './fakePorts.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'src', 'adapters', 'inference', 'testing');

/** A session with one version of the tiny model and a pool of pictures that it answers exactly. */
export class ScoringBench {
  readonly folder: string;
  readonly data: string;
  readonly ports: Ports;
  readonly versionId: number;
  /** Ids of the images that the model ran on, since the last look. */
  readonly predicted: number[] = [];
  /** What was told, since the last look. */
  readonly told: string[] = [];
  readonly #close: () => Promise<void>;
  readonly #sessionId: number;
  /** What becomes of each result before scoring sees it. */
  alter: (result: InferenceResult, options: InferenceOptions) => InferenceResult = (result) => result;

  private constructor(
    folder: string,
    data: string,
    ports: Ports,
    ids: { readonly session: number; readonly version: number },
    close: () => Promise<void>,
  ) {
    this.folder = folder;
    this.data = data;
    this.versionId = ids.version;
    this.#sessionId = ids.session;
    this.#close = close;
    const inference = sharedInference();
    const predict: Ports['inference']['predict'] = async function* (
      this: ScoringBench,
      ...args: Parameters<typeof inference.predict>
    ) {
      const [, , options] = args;
      for await (const result of inference.predict(...args)) {
        this.predicted.push(result.imageId);
        yield this.alter(result, options);
      }
    }.bind(this);
    this.ports = { ...ports, inference: { ...inference, predict } };
  }

  static async open(
    pool: Readonly<Record<string, readonly PaintedObject[]>>,
    settings: Partial<SessionSettings> = {},
  ): Promise<ScoringBench> {
    const folder = await mkdtemp(join(tmpdir(), 'scoring-'));
    const data = join(folder, 'data');
    const yaml = await makePaintedDataset(
      data,
      Object.fromEntries(Object.entries(pool).map(([name, spots]) => [name, { spots }])),
    );
    const { ports, close } = await openWorkspace({ folder });
    const source = { kind: 'yaml' as const, path: yaml, poolFolders: [] };
    const { session } = await createSession(ports, source, { name: 'Spots', imageSize: 64, ...settings });
    const iteration = await ports.store.iterations.create(session.id, 1, 'scoring');
    const modelPath = join(folder, 'model.onnx');
    await cp(join(fixtures, 'tinyDynamic.onnx'), modelPath);
    await writeFile(join(folder, 'model.json'), JSON.stringify(tinyModelInfo));
    for (const path of [modelPath, join(folder, 'model.json')]) await ports.knownFiles.remember(path, 'run');
    const version = await ports.store.models.create({
      sessionId: session.id,
      iterationId: iteration.id,
      modelPath,
      weightsPath: join(folder, 'best.pt'),
      performanceMetrics: {},
      modelSizeMb: 0.1,
      labelSnapshot: 'none',
      lineage: {},
    });
    return new ScoringBench(folder, data, ports, { session: session.id, version: version.id }, close);
  }

  async close(): Promise<void> {
    await this.#close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Scores the pool with the session and version as they are stored now; `predicted` and `told` begin anew. */
  async score(signal?: AbortSignal): Promise<ScoringReport> {
    this.predicted.length = 0;
    this.told.length = 0;
    const [session, version] = [await this.session(), await this.version()];
    return scoreVersion(this.ports, session, version, {
      report: ({ message }) => void this.told.push(message),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async session(): Promise<SessionRow> {
    const session = await this.ports.store.sessions.get(this.#sessionId);
    if (session === null) throw new Error('There is no session.');
    return session;
  }

  async version(): Promise<ModelVersionRow> {
    const version = await this.ports.store.models.get(this.versionId);
    if (version === null) throw new Error('There is no version.');
    return version;
  }

  edit(change: Partial<SessionSettings>): Promise<SessionRow> {
    return editSession(this.ports, this.#sessionId, change);
  }

  rows(): Promise<PredictionRow[]> {
    return this.ports.store.predictions.page(this.versionId, 0, 10_000);
  }

  /** The stored scores by picture, without those of images that could not be read. */
  async scores(): Promise<Record<string, Readonly<Record<string, number>>>> {
    const entries = [];
    for (const row of await this.rows()) {
      const image = await this.ports.store.images.get(row.imageId);
      entries.push([image?.relativePath.replace(/.*\/|\.png$/g, '') ?? '', row.scores] as const);
    }
    return Object.fromEntries(entries);
  }
}
