import type { Handlers } from '../../../protocol/channel.ts';
import type { MetricsFromWebview, MetricsState } from '../../../protocol/metrics.ts';
import type { Ports } from '../../../workflow/ports/ports.ts';
import { requireRow } from '../../../workflow/shared/errors.ts';
import { sessionMetrics, trainingPulse, type SessionMetrics } from '../../../workflow/session/sessionMetrics.ts';

/** What a metrics page needs of the editor. */
export interface MetricsOffice {
  readonly ports: () => Ports;
  readonly strings: () => Readonly<Record<string, string>>;
  exportModel(): void;
  /** A state that the page did not ask for. */
  push(state: MetricsState): void;
}

/** The metrics behind a panel, without VS Code. */
export class MetricsController {
  readonly #office: MetricsOffice;
  readonly #sessionId: number;
  /** The run that the user chose; `undefined` follows the newest. */
  #runId: string | undefined;
  #shown = '';
  #pulse: string | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(office: MetricsOffice, sessionId: number) {
    this.#office = office;
    this.#sessionId = sessionId;
  }

  /** What a page may ask for. Payloads must have been checked. */
  get handlers(): Handlers<MetricsFromWebview> {
    return {
      events: {},
      requests: {
        'metrics/ready': () =>
          this.#inTurn(async () => ({ strings: this.#office.strings(), state: await this.#state() })),
        'metrics/open-run': ({ runId }) => this.#inTurn(() => this.#openRun(runId)),
        'metrics/export-model': async () => {
          this.#office.exportModel();
          return null;
        },
      },
    };
  }

  /** Reads everything again, and pushes it where it differs from what the page knows (or `always`). */
  async refresh(always = false): Promise<void> {
    await this.#inTurn(async () => {
      const before = this.#shown;
      const state = await this.#state();
      if (always || this.#shown !== before) this.#office.push(state);
    });
  }

  /** Cheap enough to be called every second: reads everything only when a training went on. */
  async poll(): Promise<void> {
    const pulse = await trainingPulse(this.#office.ports(), this.#sessionId);
    if (pulse === this.#pulse) return;
    this.#pulse = pulse;
    await this.refresh();
  }

  async #openRun(runId: string): Promise<MetricsState> {
    const { runs } = await sessionMetrics(this.#office.ports(), this.#sessionId);
    const chosen = requireRow(runs.find(({ run }) => run.id === runId) ?? null, 'training', runId);
    // The newest run stays the newest when the next one begins.
    this.#runId = chosen === runs.at(-1) ? undefined : runId;
    return this.#state();
  }

  async #state(): Promise<MetricsState> {
    const state = toMetricsState(await sessionMetrics(this.#office.ports(), this.#sessionId, this.#runId));
    this.#shown = JSON.stringify(state);
    return state;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** The view model of a session's numbers. */
export function toMetricsState({ session, classCount, iterations, runs, curves }: SessionMetrics): MetricsState {
  const numberOf = (runId: string): number => runs.find(({ run }) => run.id === runId)?.iterationNumber ?? 0;
  return {
    sessionId: session.id,
    sessionName: session.name,
    iterations: iterations.map(({ iteration, ...numbers }) => ({
      iterationNumber: iteration.iterationNumber,
      status: iteration.status,
      labelledImages: iteration.trainingImagesCount,
      labelledBoxes: iteration.trainingBoxesCount,
      classCount,
      ...numbers,
    })),
    runs: runs.map(({ run, iterationNumber }) => ({ runId: run.id, iterationNumber })),
    run:
      curves === null
        ? null
        : {
            runId: curves.run.id,
            iterationNumber: numberOf(curves.run.id),
            state: curves.run.state,
            epoch: curves.epoch,
            epochs: curves.epochs,
            series: curves.series,
          },
  };
}
