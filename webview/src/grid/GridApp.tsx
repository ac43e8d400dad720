import { useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { Button } from '../ui/Button.tsx';
import { LiveRegion, ProgressRing } from '../ui/indicators.tsx';
import { MessageBar } from '../ui/MessageBar.tsx';
import { Actions } from './components/Actions.tsx';
import { Filters } from './components/Filters.tsx';
import { ImageGrid } from './components/ImageGrid.tsx';
import { StatusLine } from './components/StatusLine.tsx';
import { reportText } from './model/reportText.ts';
import type { PanelState } from './model/state.ts';
import type { GridPanel } from './panel/gridPanel.ts';
import { t } from './strings.ts';

/** The grid of images. It asks the host for its state when it appears. */
export function GridApp({ panel }: { readonly panel: GridPanel }): ReactNode {
  useEffect(() => {
    void panel.start();
  }, [panel]);
  const state = useSyncExternalStore(panel.store.subscribe, panel.store.getState);
  return (
    <div className="page">
      {state.lost ? (
        <MessageBar
          kind="warning"
          title={t('This panel lost its connection to the extension.')}
          detail={t('Open the images again from the sidebar. This panel then closes.')}
        />
      ) : null}
      <Problem panel={panel} problem={state.problem} />
      <Content panel={panel} state={state} />
      <LiveRegion {...state.announcement} />
    </div>
  );
}

function Content({ panel, state }: { panel: GridPanel; state: PanelState }): ReactNode {
  const { host, view, listing } = state;
  if (host === null || view.query === null || listing === null)
    return state.problem === null ? (
      <div className="waiting">
        <ProgressRing label={t('Loading')} />
      </div>
    ) : null;
  return (
    <>
      <Filters panel={panel} host={host} total={listing.total} query={view.query} />
      <Actions panel={panel} state={state} />
      {listing.total === 0 ? <Nothing panel={panel} state={state} /> : null}
      <ImageGrid panel={panel} state={state} listing={listing} />
      {/* Below, so that the images stay under the mouse. */}
      <Report panel={panel} state={state} />
      <StatusLine panel={panel} state={state} total={listing.total} />
    </>
  );
}

/** No image matches. */
function Nothing({ panel, state }: { panel: GridPanel; state: PanelState }): ReactNode {
  const { query } = state.view;
  const isFiltered = [query?.classId, query?.verdict, query?.split, query?.folder].some((part) => part !== null);
  return (
    <div className="nothing">
      <p>{isFiltered ? t('No image matches these filters.') : t('There are no such images.')}</p>
      {isFiltered ? (
        <Button onClick={() => panel.filter({ classId: null, verdict: null, split: null, folder: null })}>
          {t('Clear filters')}
        </Button>
      ) : null}
    </div>
  );
}

/** What the last action did. */
function Report({ panel, state }: { panel: GridPanel; state: PanelState }): ReactNode {
  const { report, host } = state;
  if (report === null) return null;
  return (
    <MessageBar kind={report.failure === null ? 'info' : 'warning'} title={reportText(report)}>
      {report.kind === 'judged' && (host?.undoable ?? 0) > 0 ? (
        <Button onClick={() => void panel.act('undo')}>{t('Undo')}</Button>
      ) : null}
      <Button onClick={() => panel.dismissReport()}>{t('Close')}</Button>
    </MessageBar>
  );
}

function Problem({ panel, problem }: { panel: GridPanel; problem: PanelState['problem'] }): ReactNode {
  if (problem === null) return null;
  const { error, attempt } = problem;
  return (
    <MessageBar kind="error" title={error.message} detail={error.hint}>
      <Button onClick={() => panel.retry()}>{t('Try again')}</Button>
      {attempt.kind === 'start' ? null : <Button onClick={() => panel.dismissProblem()}>{t('Close')}</Button>}
    </MessageBar>
  );
}
