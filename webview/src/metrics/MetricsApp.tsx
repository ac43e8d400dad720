import { useEffect, useSyncExternalStore, type ReactNode } from 'react';
import type { PanelState } from './model/state.ts';
import type { MetricsPanel } from './panel/metricsPanel.ts';
import { t } from './strings.ts';
import { Button } from '../ui/Button.tsx';
import { LiveRegion, ProgressRing } from '../ui/indicators.tsx';
import { MessageBar } from '../ui/MessageBar.tsx';
import { EmptyState } from './components/EmptyState.tsx';
import { Header } from './components/Header.tsx';
import { LearningSection } from './components/LearningSection.tsx';
import { TrainingSection } from './components/TrainingSection.tsx';
import { usePalette } from './components/usePalette.ts';

/** The metrics panel. It asks the host for its state when it appears. */
export function MetricsApp({ panel }: { readonly panel: MetricsPanel }): ReactNode {
  useEffect(() => {
    void panel.start();
  }, [panel]);
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
      <LiveRegion {...state.announcement} />
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
