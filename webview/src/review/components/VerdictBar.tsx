import type { ReactNode } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Key, ProgressRing } from '../../ui/indicators.tsx';
import { actionKey } from '../hooks/actionKey.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import type { PanelAction } from '../model/actions.ts';
import { editStateOf } from '../model/editState.ts';
import { PromptBar } from './Bars.tsx';
import { isDone, openSample, type PanelState } from '../model/state.ts';
import { plural, t } from '../strings.ts';
import { lineTitle, verdictOf } from '../verdicts.ts';

type AcceptKind = 'accept' | 'correct' | 'label' | 'keep' | 'right';

/** The current meaning of the accept key. */
function acceptKind(state: PanelState): AcceptKind {
  const open = openSample(state);
  if (open === null) return 'accept';
  const { edited, decision } = editStateOf(open);
  if (!edited && open.sample.verdict !== null && open.sample.labels !== null) return 'keep';
  if (!edited && open.host.listTitle !== null && open.sample.labels !== null) return 'right';
  const verdict = verdictOf(decision, open.sample);
  return verdict === 'labelled' ? 'label' : verdict === 'corrected' ? 'correct' : 'accept';
}

/** The verdicts with their keys. They do not look disabled while a verdict is being saved, to avoid flicker. */
export function VerdictBar(): ReactNode {
  const kind = usePanelState(acceptKind);
  const busy = usePanelState((state) => state.busy);
  const undo = usePanelState((state) => state.host?.undo ?? null);
  const redo = usePanelState((state) => state.host?.redo ?? null);
  const editable = usePanelState((state) => state.host?.editable === true);
  const failed = usePanelState((state) => state.image === 'failed');
  const asking = usePanelState((state) => state.prompt === 'reject' || state.prompt === 'background');
  const done = usePanelState(isDone);
  const open = usePanelState((state) => state.draft !== null);
  const count = usePanelState((state) => state.draft?.history.present.boxes.length ?? 0);
  if (!editable || done || !open) return null;
  if (asking && busy === null) return <PromptBar />;
  const titles: Readonly<Record<AcceptKind, string>> = {
    accept: t('Accept'),
    correct: t('Accept with corrections'),
    label: t('Save labels'),
    keep: t('Keep, next'),
    right: t('Labels are right'),
  };
  return (
    <div className="verdict-bar" role="toolbar" aria-label={t('Verdict')} aria-busy={busy !== null}>
      <Verdict
        action="accept"
        primary
        disabled={failed}
        icon={kind === 'correct' || kind === 'label' ? 'edit' : 'check'}
      >
        {titles[kind]}
      </Verdict>
      <Verdict action="reject" icon="close">
        {t('Reject…')}
      </Verdict>
      <Verdict action="skip" icon="debug-step-over">
        {t('Skip')}
      </Verdict>
      <Verdict action="undo" disabled={undo === null} title={undo === null ? '' : lineTitle(undo)} icon="discard">
        {t('Undo verdict')}
      </Verdict>
      {redo === null ? null : (
        <Verdict action="redo" title={lineTitle(redo)} icon="redo">
          {t('Redo verdict')}
        </Verdict>
      )}
      <span className="verdict-note muted">
        {busy === null ? (
          kind === 'keep' ? (
            t('Saved')
          ) : (
            plural(count, 'Saves {0} box', 'Saves {0} boxes')
          )
        ) : (
          <span className="saving-note">
            <ProgressRing label={t('Working')} /> {busy === 'submit' ? t('Saving…') : t('Loading…')}
          </span>
        )}
      </span>
    </div>
  );
}

interface VerdictProps {
  readonly action: PanelAction;
  readonly icon: string;
  readonly disabled?: boolean;
  readonly title?: string;
  readonly primary?: boolean;
  readonly children: ReactNode;
}

function Verdict({ action, icon, disabled = false, title = '', primary, children }: VerdictProps): ReactNode {
  const { performer } = usePanel();
  const key = actionKey(action);
  return (
    <Button
      primary={primary === true}
      icon={icon}
      disabled={disabled}
      title={title}
      onClick={() => performer.perform(action)}
    >
      {children}
      {key === '' ? null : <Key>{key}</Key>}
    </Button>
  );
}
