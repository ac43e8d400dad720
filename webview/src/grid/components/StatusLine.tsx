import type { ReactNode } from 'react';
import { IconButton } from '../../ui/Button.tsx';
import { ProgressRing } from '../../ui/indicators.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { countPlaces } from '../model/places.ts';
import { largestCell, smallestCell, type PanelState } from '../model/state.ts';
import type { GridPanel } from '../panel/gridPanel.ts';
import { plural, t } from '../strings.ts';

interface StatusLineProps {
  readonly panel: GridPanel;
  readonly state: PanelState;
  /** Number of listed images. */
  readonly total: number;
}

/** How many images there are and are chosen, and how they are drawn. */
export function StatusLine({ panel, state, total }: StatusLineProps): ReactNode {
  const { chosen, loading, acting, view } = state;
  const count = countPlaces(chosen);
  return (
    <div className="status-line">
      <span>{plural(total, '{0} image', '{0} images')}</span>
      {count === 0 ? null : <span className="chosen-count">{t('{0} chosen', count)}</span>}
      {loading || acting ? <ProgressRing label={t('Loading')} /> : null}
      <span className="look">
        <IconButton
          icon="symbol-array"
          label={t('Show boxes')}
          pressed={view.showBoxes}
          onClick={() => panel.toggleBoxes()}
        />
        <Slider
          label={t('Size')}
          value={view.size}
          min={smallestCell}
          max={largestCell}
          step={8}
          valueText={`${view.size}`}
          onInput={(size) => panel.setSize(size)}
        />
      </span>
    </div>
  );
}
