import { useSyncExternalStore, type ReactNode } from 'react';
import type { MetricsPanel } from '../panel/metricsPanel.ts';
import type { PanelState } from '../panel/panelStore.ts';
import { t } from '../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { LiveRegion, ProgressRing } from '../../ui/indicators.tsx';
import { MessageBar } from '../../ui/MessageBar.tsx';
import { EmptyState } from './EmptyState.tsx';
import { Header } from './Header.tsx';
import { LearningSection } from './LearningSection.tsx';
import { TrainingSection } from './TrainingSection.tsx';
import { usePalette } from './usePalette.ts';

/** The metrics page. */
export function App({ panel }: { readonly panel: MetricsPanel }): ReactNode {
  const state = useSyncExternalStore(panel.store.subscribe, panel.store.getState);
  return (
    <>
      {state.lost ? (
        <MessageBar
          kind="warning"
          title={t('This panel lost its connection to the extension.')}
          detail={t('Open the metrics again from the sidebar. This panel then closes.')}
        />
      ) : null}
      <Problem panel={panel} problem={state.problem} />
      <Content panel={panel} state={state} />
      <LiveRegion {...state.said} />
    </>
  );
}

function Content({ panel, state }: { panel: MetricsPanel; state: PanelState }): ReactNode {
  const palette = usePalette();
  const { host, view, wantedRun, exporting } = state;
  if (host === null)
    return state.problem === null ? (
      <div className="waiting">
        <ProgressRing label={t('Loading')} />
      </div>
    ) : null;
  const nothing = host.run === null && host.iterations.length === 0;
  return (
    <>
      <Header panel={panel} state={host} wantedRun={wantedRun} exporting={exporting} />
      <main className="main">
        {nothing ? (
          <EmptyState
            icon="graph-line"
            title={t('No iteration yet')}
            text={t('Curves appear here when the first training starts.')}
          />
        ) : (
          <>
            {host.run === null ? null : <TrainingSection panel={panel} view={view} palette={palette} run={host.run} />}
            <LearningSection panel={panel} view={view} palette={palette} state={host} />
          </>
        )}
      </main>
    </>
  );
}

function Problem({ panel, problem }: { panel: MetricsPanel; problem: PanelState['problem'] }): ReactNode {
  if (problem === null) return null;
  const { error, attempt } = problem;
  return (
    <MessageBar kind="error" title={error.message} detail={error.hint}>
      <Button onClick={() => panel.retry()}>{t('Try again')}</Button>
      {attempt.kind === 'start' ? null : <Button onClick={() => panel.dismissProblem()}>{t('Close')}</Button>}
    </MessageBar>
  );
}
