import { mountPage } from '../ui/mountPage.tsx';
import 'uplot/dist/uPlot.min.css';
import './metrics.css';
import { vscodeHost } from '../bridge/vscodeHost.ts';
import { MetricsApp } from './MetricsApp.tsx';
import { MetricsPanel } from './panel/metricsPanel.ts';

mountPage(<MetricsApp panel={new MetricsPanel(vscodeHost())} />);
