import type { ReactNode } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { percent } from '../format.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { applyThresholds, type ShownBox } from '../model/boxes.ts';
import { visibleBoxes } from '../model/editState.ts';
import { type OpenSample, openSample } from '../model/state.ts';
import { sliderOf, thresholdOf } from '../model/thresholds.ts';
import { plural, t } from '../strings.ts';

/** The minimum confidence of the predictions shown, for the whole batch. A button applies it to edited boxes. */
export function ConfidenceFilter(): ReactNode {
  const panel = usePanel();
  const { store } = panel;
  const draft = usePanelState((state) => state.draft);
  const host = usePanelState((state) => state.host);
  const open = draft === null ? null : openSample(store.getState());
  if (host === null || open === null || open.sample.predictions.length === 0) return null;
  const { thresholds } = host;
  const slider = sliderOf(thresholds);
  const boxSet = applyThresholds(open.boxSet, open.sample, thresholds);
  const before = new Set(open.boxSet.boxes.map((box) => box.key));
  const added = boxSet.boxes.filter((box) => !before.has(box.key)).length;
  const dropped = open.boxSet.boxes.length + added - boxSet.boxes.length;
  const shown = visibleBoxes(store.getState());
  const moved = thresholds.chosen !== null;
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
          onInput={(value) => panel.chooseThreshold(value / 100)}
        />
        <button
          type="button"
          className="filter-value"
          title={t('Back to {0}', percent(thresholds.base))}
          disabled={!moved}
          onClick={() => panel.chooseThreshold(null)}
        >
          {percent(slider)}
        </button>
      </div>
      <div className="filter-note">
        <span className="muted">{noteOf(shown, open)}</span>
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
      {ownThresholds(open).map((text) => (
        <div key={text} className="filter-note muted">
          {text}
        </div>
      ))}
    </div>
  );
}

/** Why classes of this image have another threshold. */
function ownThresholds({ host, sample }: OpenSample): readonly string[] {
  const { thresholds, classNames } = host;
  if (thresholds.chosen !== null) return [];
  return [...new Set(sample.predictions.map(({ classId }) => classId))].flatMap((classId) => {
    const own = thresholds.classes[classId];
    if (own === undefined || own.from === thresholds.base) return [];
    const name = classNames[classId] ?? '';
    return t(
      '{0} from {1}: {2} of {3} reviewed predictions were right.',
      name,
      percent(own.from),
      own.right,
      own.judged,
    );
  });
}

/** The effect of the slider on the boxes. Never empty, so that the list below does not move. */
function noteOf(shown: readonly ShownBox[], { sample, boxSet, host }: OpenSample): string {
  const faint = shown.filter((one) => one.faint).length;
  if (faint > 0) return plural(faint, '{0} faint, still saved', '{0} faint, still saved');
  const offered = shown.filter((one) => one.status === 'offered').length;
  if (offered > 0) return plural(offered, '{0} dashed, not saved', '{0} dashed, not saved');
  const kept = new Set(boxSet.boxes.map((box) => box.prediction));
  const weaker = sample.predictions.filter(
    (one) => one.confidence < thresholdOf(host.thresholds, one.classId) && !kept.has(one.index),
  ).length;
  return weaker > 0 ? plural(weaker, '{0} weaker one hidden', '{0} weaker ones hidden') : t('No weaker predictions');
}
