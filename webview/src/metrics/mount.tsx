import { createRoot } from 'react-dom/client';
import type { HostContext } from '../bridge/hostContext.ts';
import { App } from './components/App.tsx';
import { MetricsPanel } from './panel/metricsPanel.ts';

/** Shows the metrics page in an element. @returns a function that takes it away. */
export function mountMetrics(host: HostContext, element: HTMLElement): () => void {
  const panel = new MetricsPanel(host);
  const root = createRoot(element);
  root.render(<App panel={panel} />);
  void panel.start();
  return () => {
    panel.dispose();
    root.unmount();
  };
}
