import { join } from 'node:path';
import { createRandom } from '../../extension/src/core/random.ts';
import { noFigures, type Fault, type Figures } from './figures.ts';
import type { VictimOrder } from './victim.ts';
import { builtPaths } from './workspace.ts';

/** What every scenario gets. */
export interface Scene {
  /** A separate folder. */
  readonly home: string;
  /** Rounds to do, one kill or fault each. */
  readonly rounds: number;
  readonly seed: number;
  /** The bundled victim. */
  readonly victim: string;
  readonly fault: Fault;
}

/** Runs its rounds in a separate folder. @returns the counts, or a sentence why it cannot run on this machine. */
export type Scenario = (scene: Scene) => Promise<Figures | string>;

export const emptyFigures = (): Figures => ({ ...noFigures });

export const dice = ({ seed }: Scene): (() => number) => createRandom(seed);

/** The arguments of a victim. */
export function order(scene: Scene, change: Partial<VictimOrder>): string[] {
  const whole: VictimOrder = {
    job: 'review',
    folder: join(scene.home, 'workspace'),
    seed: scene.seed,
    log: join(scene.home, 'verdicts.log'),
    count: 1_000_000,
    paths: builtPaths,
    ...change,
  };
  return [scene.victim, JSON.stringify(whole)];
}
