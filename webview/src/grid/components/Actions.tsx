import type { ReactNode } from 'react';
import { Button } from '../../ui/Button.tsx';
import { countPlaces } from '../model/places.ts';
import type { GridAction, PanelState } from '../model/state.ts';
import type { GridPanel } from '../panel/gridPanel.ts';
import { t } from '../strings.ts';

interface ActionsProps {
  readonly panel: GridPanel;
  readonly state: PanelState;
}

/** What can be done with the chosen images, or else with the one that has the focus. */
export function Actions({ panel, state }: ActionsProps): ReactNode {
  const { host, chosen, acting, view } = state;
  if (host === null) return null;
  if (host.lockReason !== null) return <div className="actions locked">{host.lockReason}</div>;
  const none = panel.targets().length === 0;
  const act = (action: GridAction, icon: string, text: string, key: string, disabled: boolean): ReactNode => (
    <Button icon={icon} title={`${text} (${key})`} disabled={disabled || acting} onClick={() => void panel.act(action)}>
      {text}
    </Button>
  );
  return (
    <div className="actions" role="toolbar" aria-label={t('Verdict')} aria-busy={acting}>
      {act('accepted', 'check', t('Accept'), 'A', none)}
      {act('rejected-background', 'circle-slash', t('Nothing here'), 'B', none)}
      {act('rejected-unusable', 'trash', t('Unusable'), 'X', none)}
      {act('rejected-later', 'watch', t('Label later'), 'L', none)}
      {act('queue', 'add', t('Queue'), 'Q', none || !host.isOpen)}
      {view.query?.source === 'duplicates' && state.before !== null ? (
        <Button icon="arrow-left" onClick={() => panel.goBack()}>
          {t('Back')}
        </Button>
      ) : (
        <Button
          icon="copy"
          title={`${t('Show near duplicates')} (D)`}
          disabled={none || acting || countPlaces(chosen) > 1}
          onClick={() => void panel.showDuplicates()}
        >
          {t('Near duplicates')}
        </Button>
      )}
      {act('undo', 'discard', t('Undo'), 'U', host.undoable === 0)}
    </div>
  );
}
