import { createSerialQueue } from '../../../core/concurrency.ts';
import type { Handlers } from '../../../protocol/channel.ts';
import type { MetricsFromWebview, MetricsState } from '../../../protocol/metrics.ts';
import type { Ports } from '../../../workflow/ports/ports.ts';
import { requireRow } from '../../../workflow/shared/errors.ts';
import { sessionMetrics, trainingFingerprint, type SessionMetrics } from '../../../workflow/session/sessionMetrics.ts';

/** What a metrics panel needs of the editor. */
export interface MetricsPanelHost {
  readonly ports: () => Ports;
  readonly strings: () => Readonly<Record<string, string>>;
  exportModel(): void;
  /** Sends a state that the page did not request. */
  push(state: MetricsState): void;
}

/** The logic of a metrics panel, without VS Code. */
export class MetricsController {
  readonly #host: MetricsPanelHost;
  readonly #sessionId: number;
  /** The run that the user selected; `undefined` follows the newest. */
  #runId: string | undefined;
  #lastState = '';
  #pulse: string | null = null;
  readonly #serially = createSerialQueue();

  constructor(host: MetricsPanelHost, sessionId: number) {
    this.#host = host;
    this.#sessionId = sessionId;
  }

  /** The requests of the page. Payloads must be validated before. */
  get handlers(): Handlers<MetricsFromWebview> {
    return {
      events: {},
      requests: {
        'metrics/ready': () =>
          this.#serially(async () => ({ strings: this.#host.strings(), state: await this.#state() })),
        'metrics/open-run': ({ runId }) => this.#serially(() => this.#openRun(runId)),
        'metrics/export-model': async () => {
          this.#host.exportModel();
          return null;
        },
      },
    };
  }

  /** Reads everything again, and sends it if it changed or `always` is set. */
  async refresh(always = false): Promise<void> {
    await this.#serially(async () => {
      const before = this.#lastState;
      const state = await this.#state();
      if (always || this.#lastState !== before) this.#host.push(state);
    });
  }

  /** Reads everything only if the training progressed, so that it can be called every second. */
  async poll(): Promise<void> {
    const pulse = await trainingFingerprint(this.#host.ports(), this.#sessionId);
    if (pulse === this.#pulse) return;
    this.#pulse = pulse;
    await this.refresh();
  }

  async #openRun(runId: string): Promise<MetricsState> {
    const { runs } = await sessionMetrics(this.#host.ports(), this.#sessionId);
    const chosen = requireRow(runs.find(({ run }) => run.id === runId) ?? null, 'training', runId);
    // If the user selects the newest run, the panel follows the next one.
    this.#runId = chosen === runs.at(-1) ? undefined : runId;
    return this.#state();
  }

  async #state(): Promise<MetricsState> {
    const state = toMetricsState(await sessionMetrics(this.#host.ports(), this.#sessionId, this.#runId));
    this.#lastState = JSON.stringify(state);
    return state;
  }
}

/** The view model of a session's metrics. */
function toMetricsState({ session, classCount, iterations, runs, curves }: SessionMetrics): MetricsState {
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
