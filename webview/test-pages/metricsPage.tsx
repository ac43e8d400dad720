import { mountPage } from '../src/ui/mountPage.tsx';
import 'uplot/dist/uPlot.min.css';
import '../src/metrics/metrics.css';
import { MemoryHost } from '../src/bridge/memoryHost.ts';
import { MetricsApp } from '../src/metrics/MetricsApp.tsx';
import { MetricsPanel } from '../src/metrics/panel/metricsPanel.ts';
import { states, trainingSeries } from '../src/metrics/testing/metricsData.ts';
import type { MetricsFromHost, MetricsFromWebview } from '../../extension/src/protocol/metrics.ts';
import { RequestFailed } from '../../extension/src/protocol/channel.ts';

const query = new URLSearchParams(location.search);
const state = states[query.get('state') ?? 'running'];
if (state === undefined) throw new Error('There is no such state.');

const refuse = (): Promise<never> => {
  const message = 'Cannot write the model: no space left on device.';
  return Promise.reject(new RequestFailed({ code: 'disk', message, hint: 'Free some space, and try again.' }));
};
const host = new MemoryHost<MetricsFromWebview, MetricsFromHost>(
  {
    events: {},
    requests: {
      'metrics/ready': async () => ({ strings: {}, state }),
      'metrics/open-run': refuse,
      'metrics/export-model': refuse,
    },
  },
  JSON.parse(query.get('view') ?? 'null') as unknown,
);
const panel = new MetricsPanel(host.context);
mountPage(<MetricsApp panel={panel} />);
Object.assign(window, {
  /** Whether the page shows the state of the host. */
  isIdle: () => panel.store.getState().host !== null,
  /** Sends the curves up to this epoch, as a running training does. */
  trainTo: (epoch: number) => {
    if (state.run === null) return;
    host.channel.send('metrics/state', { ...state, run: { ...state.run, epoch, series: trainingSeries(epoch, 0.5) } });
  },
});
