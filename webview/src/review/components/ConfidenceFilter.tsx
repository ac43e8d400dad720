import type { ReactNode } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { percent } from '../format.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { applySlider, shownBoxes } from '../model/boxes.ts';
import { openSample } from '../model/state.ts';
import { plural, t } from '../strings.ts';

/** The confidence from which on predictions are shown. It only previews; a button makes it an edit. */
export function ConfidenceFilter(): ReactNode {
  const { store } = usePanel();
  const slider = usePanelState((state) => state.slider);
  const draft = usePanelState((state) => state.draft);
  const host = usePanelState((state) => state.host);
  const open = draft === null ? null : openSample(store.getState());
  if (host === null || open === null || open.sample.predictions.length === 0) return null;
  const work = applySlider(open.work, open.sample, slider);
  const added = work.boxes.filter((box) => !open.work.boxes.some((one) => one.key === box.key)).length;
  const dropped = open.work.boxes.length + added - work.boxes.length;
  const faint = shownBoxes(open.work, open.sample, slider).filter((one) => one.faint).length;
  const moved = Math.round(slider * 100) !== Math.round(host.shownConfidence * 100);
  return (
    <div className="filter">
      <div className="filter-row">
        <span id="filter-label">{t('Show from')}</span>
        <Slider
          label={t('Show predictions from this confidence on')}
          value={Math.round(slider * 100)}
          min={5}
          max={95}
          step={1}
          valueText={percent(slider)}
          onInput={(value) => store.dispatch({ type: 'slider', value: value / 100 })}
        />
        <button
          type="button"
          className="filter-value"
          title={t('Back to {0}', percent(host.shownConfidence))}
          disabled={!moved}
          onClick={() => store.dispatch({ type: 'slider', value: host.shownConfidence })}
        >
          {percent(slider)}
        </button>
      </div>
      {faint > 0 ? (
        <p className="muted">
          {plural(
            faint,
            '{0} faint box is below and would still be saved.',
            '{0} faint boxes are below and would still be saved.',
          )}
        </p>
      ) : null}
      {host.editable && added + dropped > 0 && moved ? (
        <Button className="small" onClick={() => store.dispatch({ type: 'edit', work, select: null })}>
          {[
            added > 0 ? plural(added, 'Keep {0} more', 'Keep {0} more') : '',
            dropped > 0 ? plural(dropped, 'Drop {0}', 'Drop {0}') : '',
          ]
            .filter((part) => part !== '')
            .join(', ')}
        </Button>
      ) : null}
    </div>
  );
}
