import type { ReactNode } from 'react';
import { Icon } from '../../ui/Icon.tsx';
import { usePanelState } from '../hooks/usePanel.ts';
import { t } from '../strings.ts';

/** Why an image shows no predictions although a model has seen it. */
export function BlindNote(): ReactNode {
  const blind = usePanelState((state) => state.host?.current?.blind === true);
  if (!blind) return null;
  return (
    <section className="side-section" aria-label={t('Blind')}>
      <h2>
        <Icon name="eye-closed" /> {t('Blind')}
      </h2>
      <p className="muted">
        {t('Predictions are hidden until your verdict, because this image will be used to measure the model.')}
      </p>
    </section>
  );
}
