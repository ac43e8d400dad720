import type { ReactNode } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { percent } from '../format.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { applySlider, type ShownBox } from '../model/boxes.ts';
import { visibleBoxes } from '../model/editState.ts';
import { type OpenSample, openSample } from '../model/state.ts';
import { plural, t } from '../strings.ts';

/** The minimum confidence of the predictions shown. Only a preview: a button turns it into an edit. */
export function ConfidenceFilter(): ReactNode {
  const { store } = usePanel();
  const slider = usePanelState((state) => state.slider);
  const draft = usePanelState((state) => state.draft);
  const host = usePanelState((state) => state.host);
  const open = draft === null ? null : openSample(store.getState());
  if (host === null || open === null || open.sample.predictions.length === 0) return null;
  const boxSet = applySlider(open.boxSet, open.sample, slider);
  const before = new Set(open.boxSet.boxes.map((box) => box.key));
  const added = boxSet.boxes.filter((box) => !before.has(box.key)).length;
  const dropped = open.boxSet.boxes.length + added - boxSet.boxes.length;
  const shown = visibleBoxes(store.getState());
  const moved = Math.round(slider * 100) !== Math.round(host.shownConfidence * 100);
  return (
    <div className="filter">
      <div className="filter-row">
        <span id="filter-label">{t('Show from')}</span>
        <Slider
          label={t('Minimum confidence of the predictions shown')}
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
      <div className="filter-note">
        <span className="muted">{noteOf(shown, open, slider)}</span>
        {host.editable && added + dropped > 0 && moved ? (
          <Button className="small" onClick={() => store.dispatch({ type: 'edit', boxSet, select: null })}>
            {[
              added > 0 ? plural(added, 'Keep {0} more', 'Keep {0} more') : '',
              dropped > 0 ? plural(dropped, 'Drop {0}', 'Drop {0}') : '',
            ]
              .filter((part) => part !== '')
              .join(', ')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

/** The effect of the slider on the boxes. Never empty, so that the list below does not move. */
function noteOf(shown: readonly ShownBox[], { sample, boxSet }: OpenSample, slider: number): string {
  const faint = shown.filter((one) => one.faint).length;
  if (faint > 0) return plural(faint, '{0} faint, still saved', '{0} faint, still saved');
  const offered = shown.filter((one) => one.status === 'offered').length;
  if (offered > 0) return plural(offered, '{0} dashed, not saved', '{0} dashed, not saved');
  const kept = new Set(boxSet.boxes.map((box) => box.prediction));
  const weaker = sample.predictions.filter((one) => one.confidence < slider && !kept.has(one.index)).length;
  return weaker > 0 ? plural(weaker, '{0} weaker one hidden', '{0} weaker ones hidden') : t('No weaker predictions');
}
