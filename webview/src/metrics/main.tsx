import '../ui/base.css';
import 'uplot/dist/uPlot.min.css';
import './metrics.css';
import { vscodeHost } from '../bridge/vscodeHost.ts';
import { mountMetrics } from './mount.tsx';

const element = document.getElementById('root');
if (element === null) throw new Error('The page has no place for the metrics.');
mountMetrics(vscodeHost(), element);
