import { MemoryHost } from '../src/bridge/memoryHost.ts';
import { MetricsApp } from '../src/metrics/MetricsApp.tsx';
import { MetricsPanel } from '../src/metrics/panel/metricsPanel.ts';
import { mountPage } from '../src/ui/mountPage.tsx';
import type { MetricsFromHost, MetricsFromWebview, MetricsState } from '../../extension/src/protocol/metrics.ts';
import { RequestFailed } from '../../extension/src/protocol/channel.ts';
import { states, trainingSeries } from './metricsData.ts';
import 'uplot/dist/uPlot.min.css';
import '../src/metrics/metrics.css';

const query = new URLSearchParams(location.search);
const first = states[query.get('state') ?? 'running'];
if (first === undefined) throw new Error('There is no such state.');
let state: MetricsState = first;

const host = new MemoryHost<MetricsFromWebview, MetricsFromHost>(
  {
    events: {},
    requests: {
      'metrics/ready': async () => ({ strings: {}, state }),
      'metrics/open-run': async ({ runId }) => {
        const chosen = state.runs.find((run) => run.runId === runId);
        if (chosen === undefined || state.run === null) throw unknownRun();
        state = {
          ...state,
          run: { ...state.run, ...chosen, state: 'finished', epoch: 50, series: trainingSeries(50, 0.4) },
        };
        return state;
      },
      'metrics/export-model': async () => {
        throw unknownRun();
      },
    },
  },
  JSON.parse(query.get('view') ?? 'null') as unknown,
);

function unknownRun(): RequestFailed {
  return new RequestFailed({
    code: 'disk',
    message: 'The model could not be written: no space left on device.',
    hint: 'Free some space, and try again.',
  });
}

mountPage(<MetricsApp panel={new MetricsPanel(host.context)} />);
Object.assign(window, {
  /** Trains on to this epoch. */
  trainTo: (epoch: number) => {
    if (state.run === null) return;
    state = { ...state, run: { ...state.run, epoch, series: trainingSeries(epoch, 0.5) } };
    host.channel.send('metrics/state', state);
  },
  host,
});
