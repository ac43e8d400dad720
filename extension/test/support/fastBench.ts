import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionSettings } from '../../src/core/session/types.ts';
import { rescanDataset } from '../../src/workflow/dataset/datasets.ts';
import type { StoredFastModel } from '../../src/workflow/iteration/scoring/chooseScoringModel.ts';
import type { Inference, InferenceResult, ModelFiles } from '../../src/workflow/ports/inference.ts';
import type { ModelJob, QuantiseJob } from '../../src/workflow/ports/job.ts';
import type { RunResult } from '../../src/workflow/ports/trainer.ts';
import { paintObjects, rowOf, type PaintedObject } from './fakePorts.ts';
import { ScoringBench } from './scoringBench.ts';

export const spot = (brightness: number, column = 1): PaintedObject => ({ column, row: 1, classId: 0, brightness });
const pool = { sure: [spot(250)], unsure: [spot(64)], two: [spot(250), spot(90, 5)] };
const common = { epochsCompleted: 1, trainingSeconds: 0.1, packages: {}, device: 'cpu' };
const failure = {
  name: 'TrainingError',
  code: 'out-of-memory',
  message: 'No memory is left.',
  hint: 'Close programs.',
};

/**
 * The trainer hands out a copy of the tiny model as the fast one, which the real workers run. Time is counted, not
 * measured: an image takes the full model 30 ms.
 */
export class FastBench {
  readonly its: ScoringBench;
  /** Every image that a model was run on: `full` or `fast`, whether it was for the pool, and whether a vector came. */
  readonly runs: { model: 'full' | 'fast'; weights: boolean; imageId: number; vector: boolean }[] = [];
  readonly jobs: QuantiseJob[] = [];
  /** The models whose way was settled before they were measured. */
  readonly settled: string[] = [];
  readonly results = new Map<string, RunResult>();
  /** Milliseconds that the fast model takes for an image. */
  fastMs = 10;
  /** How the next quantisations end. */
  readonly endings: RunResult['status'][] = [];
  /** What becomes of each result of the fast model, `careful` for the one that keeps more in float. */
  alter: (result: InferenceResult, careful: boolean) => InferenceResult = (result) => result;
  #clock = 0;

  private constructor(its: ScoringBench) {
    this.its = its;
    const { ports } = its;
    // No trial of what else this machine may have: it would take its own time.
    const settle = async ({ onnxPath }: ModelFiles): Promise<void> => void this.settled.push(onnxPath);
    const inference = { ...ports.inference, predict: this.#predict(ports.inference), settle };
    const trainer = { ...ports.trainer, ...this.#trainer() };
    const clock = { ...ports.system.clock, monotonic: () => this.#clock };
    Object.assign(ports, { inference, trainer, system: { ...ports.system, clock } });
  }

  /** A session with fast scoring, three pictures in the pool and `validation` labelled ones. */
  static async open(validation: number, settings: Partial<SessionSettings> = {}): Promise<FastBench> {
    const its = await ScoringBench.open(pool, { fastScoring: true, ...settings });
    const bench = new FastBench(its);
    for (let n = 0; n < validation; n++) {
      const spots = [spot(20 + n * 9)];
      await paintObjects(join(its.data, 'images', 'train', `val${n}.png`), spots, 100 + n);
      await writeFile(join(its.data, 'labels', 'train', `val${n}.txt`), `${spots.map(rowOf).join('\n')}\n`);
    }
    if (validation > 0) {
      const { images, datasets } = its.ports.store;
      await rescanDataset(its.ports, 1);
      const labelled = await images.find({ datasetId: 1, states: ['labelled'] });
      await images.update(labelled.map(({ id }) => ({ id, split: 'val' })));
      const members = labelled.map(({ id, labelHash }) => ({ imageId: id, labelHash: labelHash ?? '' }));
      await datasets.addRevision(1, members);
    }
    return bench;
  }

  /** The model that each image of the pool was run by, in the last scoring. */
  async score(): Promise<readonly ('full' | 'fast')[]> {
    this.runs.length = 0;
    await this.its.score();
    const names = new Set((await this.its.rows()).map(({ imageId }) => imageId));
    return this.runs.filter(({ imageId }) => names.has(imageId)).map(({ model }) => model);
  }

  async stored(): Promise<StoredFastModel | undefined> {
    return (await this.its.version()).performanceMetrics['fastScoring'] as StoredFastModel | undefined;
  }

  told(): string {
    return this.its.told.join('\n');
  }

  #predict(real: Inference): Inference['predict'] {
    return async function* (this: FastBench, ...args: Parameters<Inference['predict']>) {
      const [model, , options] = args;
      const name = this.#nameOf(model);
      for await (const result of real.predict(...args)) {
        this.#clock += name === 'full' ? 30 : this.fastMs;
        const { imageId } = result;
        this.runs.push({ model: name, weights: model.weightsPath !== undefined, imageId, vector: options.embedding });
        yield name === 'full' ? result : this.alter(result, model.onnxPath.includes('-careful'));
      }
    }.bind(this);
  }

  #nameOf({ onnxPath }: ModelFiles): 'full' | 'fast' {
    return onnxPath.includes('fast-') ? 'fast' : 'full';
  }

  #trainer() {
    const { results, jobs, endings } = this;
    const folder = join(this.its.folder, 'runs');
    return {
      prepare: (job: ModelJob) => {
        if (job.kind === 'quantise') jobs.push(job);
        return Promise.resolve();
      },
      start: () => Promise.resolve({ pid: 1, startTime: '1', nonce: 'fake' }),
      cancel: () => Promise.resolve(),
      result: (runId: string) => Promise.resolve(results.get(runId) ?? null),
      follow: async (runId: string) => {
        const status = endings.shift() ?? 'finished';
        const onnxPath = join(folder, runId, 'model.onnx');
        await mkdir(join(folder, runId), { recursive: true });
        // The same model as another file: with a description (field 6 of its protocol buffer) behind it.
        const model = await readFile(join(this.its.folder, 'model.onnx'));
        await writeFile(onnxPath, Buffer.concat([model, Buffer.from([0x32, 4]), Buffer.from('fast')]));
        await cp(join(this.its.folder, 'model.json'), join(folder, runId, 'model.json'));
        await this.its.ports.knownFiles.remember(onnxPath, 'run');
        const result: RunResult = {
          ...common,
          status,
          ...(status === 'finished' ? { onnxPath } : {}),
          ...(status === 'failed' ? { error: failure } : {}),
        };
        results.set(runId, result);
        return result;
      },
    };
  }
}
