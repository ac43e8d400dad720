import type { ReactNode } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Key } from '../../ui/indicators.tsx';
import { MessageBar } from '../../ui/MessageBar.tsx';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { editStateOf } from '../model/editState.ts';
import { basisOf, isAllJudged, isDone, openSample } from '../model/state.ts';
import { t } from '../strings.ts';
import { lineTitle } from '../verdicts.ts';

/** All messages, between the image and the verdicts. None is modal. */
export function Bars(): ReactNode {
  return (
    <div className="bars">
      <LostBar />
      <ProblemBar />
      <OutcomeBar />
      <NoticeBar />
      <OutdatedBar />
      <SummaryBar />
    </div>
  );
}

function LostBar(): ReactNode {
  const lost = usePanelState((state) => state.lost);
  if (!lost) return null;
  return (
    <MessageBar
      kind="warning"
      title={t('This panel lost its connection to the extension.')}
      detail={t('Open the review again from the sidebar. This panel then closes. Saved verdicts are safe.')}
    />
  );
}

function ProblemBar(): ReactNode {
  const panel = usePanel();
  const problem = usePanelState((state) => state.problem);
  if (problem === null) return null;
  const { error, attempt } = problem;
  const dismiss = (): void => panel.store.dispatch({ type: 'problem', problem: null });
  if (
    error.code === 'edited-outside' &&
    (attempt.kind === 'submit' || attempt.kind === 'undo' || attempt.kind === 'redo')
  ) {
    return (
      <MessageBar
        kind="warning"
        focused
        title={t('The label file was changed by another program.')}
        detail={
          attempt.kind === 'submit'
            ? t(
                'Reload shows the file as it is now and discards your edits. Overwrite saves your edits. The history keeps both.',
              )
            : attempt.kind === 'undo'
              ? t('Undoing the verdict would overwrite that change. The history keeps both.')
              : t('Redoing the verdict would overwrite that change. The history keeps both.')
        }
      >
        {attempt.kind === 'submit' ? (
          <Button onClick={() => void panel.requests.reload(attempt.sampleId)}>{t('Reload')}</Button>
        ) : (
          <Button onClick={dismiss}>{t('Leave it')}</Button>
        )}
        <Button onClick={() => panel.retry(true)}>
          {attempt.kind === 'submit' ? t('Overwrite') : attempt.kind === 'undo' ? t('Undo anyway') : t('Redo anyway')}
        </Button>
      </MessageBar>
    );
  }
  return (
    <MessageBar kind="error" focused title={error.message} detail={error.hint}>
      <Button onClick={() => panel.retry()}>{t('Try again')}</Button>
      {attempt.kind === 'start' ? null : <Button onClick={dismiss}>{t('Dismiss')}</Button>}
    </MessageBar>
  );
}

/** The second question of a verdict. It replaces the verdicts, so that the image does not move. */
export function PromptBar(): ReactNode {
  const { performer } = usePanel();
  const prompt = usePanelState((state) => state.prompt);
  if (prompt === 'background') {
    return (
      <MessageBar
        kind="question"
        title={t('No boxes are shown. Label this image as background?')}
        detail={t('The model learns that this image contains no objects.')}
      >
        <Button primary onClick={() => performer.perform('accept')}>
          {t('Yes, background')} <Key>Y</Key>
        </Button>
        <Button onClick={() => performer.perform('escape')}>
          {t('Cancel')} <Key>Esc</Key>
        </Button>
      </MessageBar>
    );
  }
  if (prompt !== 'reject') return null;
  return (
    <MessageBar kind="question" title={t('Reject the predictions. Why?')}>
      <Button
        icon="circle-slash"
        title={t('No objects in the image. Saved as background.')}
        onClick={() => performer.perform('reject-background')}
      >
        {t('Nothing here')} <Key>1</Key> <Key>B</Key>
      </Button>
      <Button
        icon="trash"
        title={t('Blurred, damaged or irrelevant. Removes the image from the pool.')}
        onClick={() => performer.perform('reject-unusable')}
      >
        {t('Unusable')} <Key>2</Key> <Key>X</Key>
      </Button>
      <Button
        icon="watch"
        title={t('Contains objects. The image returns in a later batch.')}
        onClick={() => performer.perform('reject-later')}
      >
        {t('Label later')} <Key>3</Key> <Key>L</Key>
      </Button>
      <Button onClick={() => performer.perform('escape')}>
        {t('Cancel')} <Key>Esc</Key>
      </Button>
    </MessageBar>
  );
}

/** What became of images that were accepted together. */
function OutcomeBar(): ReactNode {
  const { performer } = usePanel();
  const outcome = usePanelState((state) => state.outcome);
  const undo = usePanelState((state) => state.host?.undo ?? null);
  if (outcome === null) return null;
  return (
    <MessageBar kind="info" title={outcome}>
      {undo === null ? null : (
        <Button icon="discard" title={lineTitle(undo)} onClick={() => performer.perform('undo')}>
          {t('Undo verdict')}
        </Button>
      )}
    </MessageBar>
  );
}

/** Why the sample is read-only. */
function NoticeBar(): ReactNode {
  const panel = usePanel();
  const host = usePanelState((state) => state.host);
  if (host === null || host.editable || host.current === null) return null;
  return (
    <MessageBar kind="info" title={t('Read-only.')} detail={host.notice ?? ''}>
      <Button onClick={() => void panel.requests.showMetrics()}>{t('Show metrics')}</Button>
    </MessageBar>
  );
}

/** Another window or program changed the saved labels after these edits started. */
function OutdatedBar(): ReactNode {
  const { store } = usePanel();
  const outdated = usePanelState((state) => {
    const open = openSample(state);
    return open !== null && !isDone(state) && editStateOf(open).edited && open.draft.basis !== basisOf(open.sample);
  });
  if (!outdated) return null;
  return (
    <MessageBar
      kind="warning"
      title={t('Your edits are from before the saved labels changed.')}
      detail={t('They are shown now, but not saved.')}
    >
      <Button onClick={() => store.dispatch({ type: 'revert' })}>{t('Show what is saved')}</Button>
    </MessageBar>
  );
}

/** Leads back to the summary from an image that the user reopened. */
function SummaryBar(): ReactNode {
  const { store } = usePanel();
  const browsing = usePanelState((state) => isAllJudged(state) && !isDone(state));
  if (!browsing) return null;
  return (
    <MessageBar kind="info" title={t('All samples are reviewed.')}>
      <Button onClick={() => store.dispatch({ type: 'browse', on: false })}>{t('Back to the summary')}</Button>
    </MessageBar>
  );
}
