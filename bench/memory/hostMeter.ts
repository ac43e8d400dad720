import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than an idle process of ours waits for work. */
const restMs = 7000;
const sampleMs = 100;

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

/** What a part of the work took. */
export interface StepFigures {
  readonly seconds: number;
  /** Highest resident memory of the host while it ran, sampled. */
  readonly hostMB: number;
}

/** What a stand-in for the extension host prints. Megabytes have 1,000,000 bytes. */
export interface HostFigures {
  readonly hostStartMB: number;
  /** Highest resident memory, as the system counts it. */
  readonly hostPeakMB: number;
  /** When all work was done and processes that wait for more had ended. */
  readonly hostAfterMB: number;
  /** Highest resident memory of all processes below the host, together. */
  readonly childrenPeakMB: number;
  readonly childrenAfterMB: number;
  readonly seconds: number;
  readonly longestBlockMs: number;
  readonly steps: Readonly<Record<string, StepFigures>>;
}

/** Measures the process that it runs in, and the processes that this one starts. */
export class HostMeter {
  readonly #startBytes = process.memoryUsage.rss();
  readonly #start = performance.now();
  readonly #delay = monitorEventLoopDelay({ resolution: 5 });
  readonly #timer: NodeJS.Timeout;
  readonly #steps: Record<string, StepFigures> = {};
  #stepBytes = 0;
  #childBytes = 0;

  constructor() {
    this.#delay.enable();
    this.#timer = setInterval(() => this.#sample(), sampleMs);
  }

  /** Runs a part of the work under a name. */
  async step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    this.#stepBytes = 0;
    const start = performance.now();
    const result = await work();
    this.#sample();
    this.#steps[name] = { seconds: tenths((performance.now() - start) / 1000), hostMB: megabytes(this.#stepBytes) };
    return result;
  }

  /** Waits until idle processes have ended, prints the figures and ends this process. */
  async end(): Promise<never> {
    const seconds = (performance.now() - this.#start) / 1000;
    this.#delay.disable();
    clearInterval(this.#timer);
    await sleep(restMs);
    const figures: HostFigures = {
      hostStartMB: megabytes(this.#startBytes),
      hostPeakMB: megabytes(1024 * process.resourceUsage().maxRSS),
      hostAfterMB: megabytes(process.memoryUsage.rss()),
      childrenPeakMB: megabytes(this.#childBytes),
      childrenAfterMB: megabytes(childrenBytes()),
      seconds: tenths(seconds),
      longestBlockMs: tenths(this.#delay.max / 1e6),
      steps: this.#steps,
    };
    console.log(JSON.stringify(figures));
    process.exit();
  }

  #sample(): void {
    this.#stepBytes = Math.max(this.#stepBytes, process.memoryUsage.rss());
    this.#childBytes = Math.max(this.#childBytes, childrenBytes());
  }
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Resident bytes of all processes below this one; 0 if the system does not say. */
function childrenBytes(): number {
  if (process.platform !== 'linux') return 0;
  const below = new Set([process.pid]);
  let sum = 0;
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  // A child has a higher number than its parent, except after the rare wrap of all numbers.
  for (const pid of pids.toSorted((a, b) => a - b)) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (!below.has(Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]))) continue;
      below.add(pid);
      sum += 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum;
}
