import type { ReactNode } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { t } from '../strings.ts';

/** Replaces an image that cannot be shown. The user can still reject or skip it. */
export function ImageFailed({ onRetry }: { onRetry: () => void }): ReactNode {
  const { performer } = usePanel();
  const path = usePanelState((state) => state.host?.current?.path ?? '');
  const editable = usePanelState((state) => state.host?.editable === true);
  return (
    <div className="review-failed review-controls" role="alert">
      <Icon name="file-media" />
      <strong>{t('This image cannot be shown.')}</strong>
      <span className="muted">{path}</span>
      <span>
        {t('The file may be missing or damaged. Accepting needs a visible image; rejecting and skipping do not.')}
      </span>
      <div className="row">
        <Button onClick={onRetry} icon="refresh">
          {t('Load again')}
        </Button>
        {editable ? (
          <Button onClick={() => performer.perform('reject-unusable')} icon="trash">
            {t('Reject: unusable image')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
