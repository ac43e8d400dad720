// Kills the product at any moment, fills its disk and breaks its writes, and holds what is left against what it had acknowledged.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { noFigures, sumOf, type Figures } from './figures.ts';
import { failingDisk, fullDisk } from './faults.ts';
import { finishing, migrating } from './others.ts';
import type { Scenario, Scene } from './scenario.ts';
import { training } from './training.ts';
import { twoReviewers, verdictsAtRandomTimes, verdictsAtSystemCalls } from './verdicts.ts';
import { bundleVictim } from './workspace.ts';

/** Each with its share of the rounds. */
const scenarios: Readonly<Record<string, { readonly share: number; readonly play: Scenario }>> = {
  'verdicts at random times': { share: 0.4, play: verdictsAtRandomTimes },
  'verdicts at system calls': { share: 0.25, play: verdictsAtSystemCalls },
  'two reviewers': { share: 0.05, play: twoReviewers },
  'finishing a review': { share: 0.05, play: finishing },
  migration: { share: 0.05, play: migrating },
  'full disk': { share: 0.05, play: fullDisk },
  'failing disk': { share: 0.1, play: failingDisk },
  'training, scoring and export': { share: 0.05, play: training },
};

interface CrashOptions {
  /** Of all scenarios together. */
  readonly rounds: number;
  readonly seed: number;
  /** Names of scenarios, or parts of them; all by default. */
  readonly only?: readonly string[];
  readonly report?: (line: string) => void;
}

interface CrashFigures extends Figures {
  readonly scenarios: Readonly<Record<string, Figures>>;
  /** Scenarios that could not be done here, with the reason. */
  readonly skipped: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
}

/** @returns the sums, the figures of each scenario, and what was left out. */
export async function crash({ rounds, seed, only = [], report = () => {} }: CrashOptions): Promise<CrashFigures> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'al-crash-')));
  const before = process.env['AL_USER_FOLDER'];
  // What the product remembers of this user must not come from here.
  process.env['AL_USER_FOLDER'] = join(home, 'user');
  const parts: Record<string, Figures> = {};
  const skipped: Record<string, string> = {};
  const faults: string[] = [];
  try {
    const victim = await bundleVictim();
    const chosen = Object.entries(scenarios).filter(
      ([name]) => only.length === 0 || only.some((part) => name.includes(part)),
    );
    const whole = chosen.reduce((sum, [, { share }]) => sum + share, 0);
    for (const [index, [name, { share, play }]] of chosen.entries()) {
      const scene: Scene = {
        home: mkdtempSync(join(home, 'scene-')),
        rounds: Math.max(1, Math.round((rounds * share) / whole)),
        seed: seed + index * 100_003,
        victim,
        fault: (what) => {
          faults.push(`${name}: ${what}`);
          report(`  ${name}: ${what}`);
        },
      };
      const start = performance.now();
      const figures = await play(scene);
      if (typeof figures === 'string') skipped[name] = figures;
      else parts[name] = figures;
      const told = typeof figures === 'string' ? `left out: ${figures}` : describe(figures);
      report(`${name.padEnd(30)}${told}  ${Math.round((performance.now() - start) / 1000)} s`);
      rmSync(scene.home, { recursive: true, force: true, maxRetries: 5 });
    }
  } finally {
    if (before === undefined) delete process.env['AL_USER_FOLDER'];
    else process.env['AL_USER_FOLDER'] = before;
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
  return { ...noFigures, ...sumOf(Object.values(parts)), scenarios: parts, skipped, faults };
}

const describe = (figures: Figures): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** @returns the figures; `lost`, `torn` and `integrityBad` must be 0. */
export async function bench(args: string[]): Promise<CrashFigures> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true, default: [] },
    },
  });
  const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100_000) {
    throw new Error(`--rounds is a number from 1 to 100000, not "${values.rounds}".`);
  }
  const figures = await crash({ rounds, seed, only: values.only, report: (line) => console.error(line) });
  console.log(describe(sumOf(Object.values(figures.scenarios))));
  for (const [name, reason] of Object.entries(figures.skipped)) console.log(`Left out: ${name}, because ${reason}`);
  return figures;
}
