import type { ReactNode } from 'react';
import { IconButton } from '../../ui/Button.tsx';
import { actionKey } from '../hooks/actionKey.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { t } from '../strings.ts';
import { LightControls } from './LightControls.tsx';

/** The tools of the canvas. @param scale CSS pixels for each pixel of the image. */
export function Toolbar({ scale }: { scale: number }): ReactNode {
  const { performer } = usePanel();
  const drawing = usePanelState((state) => state.drawing);
  const hidden = usePanelState((state) => state.boxesHidden);
  const comparing = usePanelState((state) => state.comparing);
  const zoomKept = usePanelState((state) => state.view.zoomKept);
  const editable = usePanelState((state) => state.host?.editable === true);
  const canUndo = usePanelState((state) => (state.draft?.history.past.length ?? 0) > 0);
  const canRedo = usePanelState((state) => (state.draft?.history.future.length ?? 0) > 0);
  return (
    <div className="review-toolbar" role="toolbar" aria-label={t('Image tools')}>
      {editable ? (
        <>
          <IconButton
            icon="add"
            label={t('Draw a box')}
            hint={actionKey('draw-box')}
            pressed={drawing}
            onClick={() => performer.perform('draw-box')}
          />
          <IconButton
            icon="discard"
            label={t('Undo edit')}
            hint={actionKey('undo-edit')}
            disabled={!canUndo}
            onClick={() => performer.perform('undo-edit')}
          />
          <IconButton
            icon="redo"
            label={t('Redo edit')}
            hint={actionKey('redo-edit')}
            disabled={!canRedo}
            onClick={() => performer.perform('redo-edit')}
          />
          <span className="separator" />
        </>
      ) : null}
      <IconButton
        icon={hidden ? 'eye-closed' : 'eye'}
        label={t('Hide or show boxes')}
        hint={actionKey('toggle-boxes')}
        pressed={hidden}
        onClick={() => performer.perform('toggle-boxes')}
      />
      <IconButton
        icon="compare-changes"
        label={t('Compare with the predictions')}
        hint={actionKey('compare')}
        pressed={comparing}
        onClick={() => performer.perform('compare')}
      />
      <IconButton
        icon="zoom-out"
        label={t('Zoom out')}
        hint={actionKey('zoom-out')}
        onClick={() => performer.perform('zoom-out')}
      />
      <span className="zoom" aria-label={t('Zoom')}>
        {Math.round(scale * 100)}%
      </span>
      <IconButton
        icon="zoom-in"
        label={t('Zoom in')}
        hint={actionKey('zoom-in')}
        onClick={() => performer.perform('zoom-in')}
      />
      <IconButton
        icon="screen-full"
        label={t('Fit image')}
        hint={actionKey('zoom-fit')}
        onClick={() => performer.perform('zoom-fit')}
      />
      <IconButton
        icon={zoomKept ? 'lock' : 'unlock'}
        label={t('Keep the zoom for the next images')}
        hint={actionKey('keep-zoom')}
        pressed={zoomKept}
        onClick={() => performer.perform('keep-zoom')}
      />
      <LightControls />
      <span className="grow" />
      <IconButton
        icon="keyboard"
        label={t('Keyboard help')}
        hint={actionKey('show-keys')}
        onClick={() => performer.perform('show-keys')}
      />
    </div>
  );
}
