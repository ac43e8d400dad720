import { connect, describeFailure } from '../../bridge/connect.ts';
import type { HostContext } from '../../bridge/hostContext.ts';
import { setTranslations } from '../../bridge/translate.ts';
import type { Channel } from '../../../../extension/src/protocol/channel.ts';
import type { MetricsFromHost, MetricsFromWebview, MetricsState } from '../../../../extension/src/protocol/metrics.ts';
import type { EffortAxis } from '../model/learningCurve.ts';
import { checkFromHost, isMetricsState } from '../model/messages.ts';
import { runText } from '../model/statusText.ts';
import { readView, toggled, type PanelView } from '../model/view.ts';
import { t } from '../strings.ts';
import { PanelStore, type Attempt } from './panelStore.ts';

/** The metrics page without its looks: state, requests, and what survives a reload. */
export class MetricsPanel {
  readonly store = new PanelStore();
  readonly #host: HostContext;
  readonly #channel: Channel<MetricsFromHost, MetricsFromWebview>;
  readonly #close: () => void;

  constructor(host: HostContext) {
    this.#host = host;
    const { channel, close } = connect<MetricsFromHost, MetricsFromWebview>(
      host,
      { events: { 'metrics/state': (state) => this.#take(state) }, requests: {} },
      checkFromHost,
      (lost) => this.store.change({ lost }),
    );
    this.#channel = channel;
    this.#close = close;
  }

  /** Asks the host for everything. */
  async start(): Promise<void> {
    this.store.change({ problem: null, view: readView(this.#host.getState()) });
    await this.#attempt({ kind: 'start' }, async () => {
      const { strings, state } = await this.#channel.request('metrics/ready', null);
      if (!isMetricsState(state)) throw new Error('The host sent no valid state.');
      setTranslations(strings);
      this.#take(state);
    });
  }

  /** Shows the curves of another training. */
  async openRun(runId: string): Promise<void> {
    this.store.change({ wantedRun: runId, problem: null });
    await this.#attempt({ kind: 'open-run', runId }, async () => {
      const state = await this.#channel.request('metrics/open-run', { runId });
      if (!isMetricsState(state)) throw new Error('The host sent no valid state.');
      this.#take(state);
    });
    if (this.store.getState().wantedRun === runId) this.store.change({ wantedRun: null });
  }

  /** Lets the host export the best version; where to and how it went is shown by the editor. */
  async exportModel(): Promise<void> {
    if (this.store.getState().exporting) return;
    this.store.change({ exporting: true, problem: null });
    await this.#attempt(
      { kind: 'export' },
      async () => void (await this.#channel.request('metrics/export-model', null)),
    );
    this.store.change({ exporting: false });
  }

  /** Tries again what failed. */
  retry(): void {
    const attempt = this.store.getState().problem?.attempt;
    if (attempt === undefined) return;
    if (attempt.kind === 'start') void this.start();
    else if (attempt.kind === 'export') void this.exportModel();
    else void this.openRun(attempt.runId);
  }

  dismissProblem(): void {
    this.store.change({ problem: null });
  }

  setAxis(axis: EffortAxis): void {
    this.#arrange({ axis });
  }

  /** Shows a chart as a table, or the other way round. */
  toggleTable(chart: string): void {
    this.#arrange({ tables: toggled(this.store.getState().view.tables, chart) });
  }

  /** Switches a line of a chart off or on. */
  toggleLine(chart: string, line: string): void {
    this.#arrange({ hidden: toggled(this.store.getState().view.hidden, `${chart}/${line}`) });
  }

  dispose(): void {
    this.#close();
  }

  #arrange(part: Partial<PanelView>): void {
    const view = { ...this.store.getState().view, ...part };
    this.store.change({ view });
    this.#host.setState(view);
  }

  /** Takes a whole state. Only that a training ended is said: a page that speaks every epoch would be switched off. */
  #take(state: MetricsState): void {
    const before = this.store.getState().host?.run;
    this.store.change({ host: state });
    const { run } = state;
    const went = before?.state === 'running' || before?.state === 'prepared';
    const goes = run?.state === 'running' || run?.state === 'prepared';
    if (run !== null && run.runId === before?.runId && went && !goes)
      this.store.say(`${t('Iteration {0}', run.iterationNumber)}: ${runText(run)}`);
  }

  async #attempt(attempt: Attempt, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.store.change({ problem: { error: describeFailure(error), attempt } });
    }
  }
}
