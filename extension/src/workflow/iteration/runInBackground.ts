import { validateDataset } from '../dataset/validateDataset.ts';
import type { BackgroundWork } from '../ports/background.ts';
import type { Ports, RunOptions } from '../ports/ports.ts';
import { findDuplicates } from '../similarity/duplicates.ts';
import { evaluateModels } from './evaluate.ts';
import { scoreVersion } from './score.ts';
import { rescorePool } from './scoring/rescorePool.ts';
import { previewBatch } from './selection/previewBatch.ts';
import { selectBatch } from './selection/selectBatch.ts';

/** Operations whose memory grows with the images of a dataset. Arguments and results are plain data. */
const works = {
  scoreVersion,
  rescorePool,
  selectBatch,
  evaluateModels,
  previewBatch,
  findDuplicates,
  validateDataset,
};

type Works = typeof works;
type WorkName = keyof Works;
type ArgsOf<Name extends WorkName> =
  Required<Parameters<Works[Name]>> extends [unknown, ...infer Args, RunOptions] ? Args : never;
/** The ports of the work itself, and those that start a process for it. */
type PortsOf<Name extends WorkName> = Parameters<Works[Name]>[0] & Partial<Pick<Ports, 'background' | 'trainer'>>;
type ResultOf<Name extends WorkName> = Awaited<ReturnType<Works[Name]>>;

/**
 * Does the work in a process that exits afterwards if the program provides one. The command line does not: it exits
 * itself.
 * @throws errors of the work; BackgroundError.
 */
export async function runInBackground<Name extends WorkName>(
  ports: PortsOf<Name>,
  name: Name,
  args: ArgsOf<Name>,
  options: RunOptions = {},
): Promise<ResultOf<Name>> {
  const work: BackgroundWork = { name, args };
  const { background, trainer } = ports;
  const result =
    background === undefined || trainer === undefined
      ? doWork(ports as Ports, work, options)
      : background.run(work, { ...options, trainer });
  return (await result) as ResultOf<Name>;
}

/** Does the work in this process. */
export function doWork(ports: Ports, { name, args }: BackgroundWork, options: RunOptions): Promise<unknown> {
  if (!Object.hasOwn(works, name)) throw new TypeError(`There is no work "${name}".`);
  const work = works[name as WorkName] as (ports: Ports, ...rest: readonly unknown[]) => Promise<unknown>;
  return work(ports, ...args, options);
}
