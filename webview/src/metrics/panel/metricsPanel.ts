import { connect } from '../../bridge/connect.ts';
import type { HostContext } from '../../bridge/hostContext.ts';
import { tryRequest } from '../../bridge/request.ts';
import { announce } from '../../bridge/store.ts';
import { setTranslations } from '../../bridge/translate.ts';
import type { Channel } from '../../../../extension/src/protocol/channel.ts';
import type {
  MetricsFromHost,
  MetricsFromWebview,
  MetricsState,
  RunView,
} from '../../../../extension/src/protocol/metrics.ts';
import type { EffortAxis } from '../model/learningCurve.ts';
import { checkFromHost, isMetricsState } from '../model/messages.ts';
import { createMetricsStore, type Attempt } from '../model/state.ts';
import { runText } from '../model/statusText.ts';
import { readView, toggled, type PanelView } from '../model/view.ts';
import { t } from '../strings.ts';

/** The metrics page without its components: state, requests and saved choices. */
export class MetricsPanel {
  readonly store = createMetricsStore();
  readonly #host: HostContext;
  readonly #channel: Channel<MetricsFromHost, MetricsFromWebview>;
  readonly #close: () => void;

  constructor(host: HostContext) {
    this.#host = host;
    const { channel, close } = connect<MetricsFromHost, MetricsFromWebview>(
      host,
      { events: { 'metrics/state': (state) => this.#setHostState(state) }, requests: {} },
      checkFromHost,
      (lost) => this.store.dispatch({ lost }),
    );
    this.#channel = channel;
    this.#close = close;
  }

  /** Requests the state from the host. */
  async start(): Promise<void> {
    this.store.dispatch({ problem: null, view: readView(this.#host.getState()) });
    await this.#attempt({ kind: 'start' }, async () => {
      const { strings, state } = await this.#channel.request('metrics/ready', null);
      if (!isMetricsState(state)) throw new Error('The host sent no valid state.');
      setTranslations(strings);
      this.#setHostState(state);
    });
  }

  /** Shows the curves of another training. */
  async openRun(runId: string): Promise<void> {
    this.store.dispatch({ wantedRun: runId, problem: null });
    await this.#attempt({ kind: 'open-run', runId }, async () => {
      const state = await this.#channel.request('metrics/open-run', { runId });
      if (!isMetricsState(state)) throw new Error('The host sent no valid state.');
      this.#setHostState(state);
    });
    if (this.store.getState().wantedRun === runId) this.store.dispatch({ wantedRun: null });
  }

  /** Starts the export of the best version. VS Code asks for the folder and reports the result. */
  async exportModel(): Promise<void> {
    if (this.store.getState().exporting) return;
    this.store.dispatch({ exporting: true, problem: null });
    await this.#attempt({ kind: 'export' }, () => this.#channel.request('metrics/export-model', null));
    this.store.dispatch({ exporting: false });
  }

  /** Sends the failed request again. */
  retry(): void {
    const attempt = this.store.getState().problem?.attempt;
    if (attempt === undefined) return;
    if (attempt.kind === 'start') void this.start();
    else if (attempt.kind === 'export') void this.exportModel();
    else void this.openRun(attempt.runId);
  }

  dismissProblem(): void {
    this.store.dispatch({ problem: null });
  }

  setAxis(axis: EffortAxis): void {
    this.#changeView({ axis });
  }

  /** Switches between the chart and its table. */
  toggleTable(chart: string): void {
    this.#changeView({ tables: toggled(this.store.getState().view.tables, chart) });
  }

  /** Hides or shows a line of a chart. */
  toggleLine(chart: string, line: string): void {
    this.#changeView({ hidden: toggled(this.store.getState().view.hidden, `${chart}/${line}`) });
  }

  /** Announces a sentence to screen readers. */
  announce(text: string): void {
    this.store.dispatch({ announcement: announce(this.store.getState().announcement, text) });
  }

  dispose(): void {
    this.#close();
  }

  #changeView(part: Partial<PanelView>): void {
    const view = { ...this.store.getState().view, ...part };
    this.store.dispatch({ view });
    this.#host.setState(view);
  }

  /** Announces only the end of a training: nobody wants to hear every epoch. */
  #setHostState(state: MetricsState): void {
    const before = this.store.getState().host?.run;
    this.store.dispatch({ host: state });
    const { run } = state;
    const ended = isActive(before) && !isActive(run);
    if (run !== null && run.runId === before?.runId && ended)
      this.announce(`${t('Iteration {0}', run.iterationNumber)}: ${runText(run)}`);
  }

  async #attempt(attempt: Attempt, send: () => Promise<unknown>): Promise<void> {
    const problem = await tryRequest(attempt, send);
    if (problem !== null) this.store.dispatch({ problem });
  }
}

function isActive(run: RunView | null | undefined): boolean {
  return run?.state === 'running' || run?.state === 'prepared';
}
