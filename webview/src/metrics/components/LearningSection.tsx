import { useMemo, type ReactNode } from 'react';
import type { MetricsState } from '../../../../extension/src/protocol/metrics.ts';
import type { Palette } from '../chart/palette.ts';
import {
  chooseAxis,
  isUseful,
  learningCurve,
  learningDetails,
  learningPoints,
  learningTable,
  accuracyCaveat,
} from '../model/learningCurve.ts';
import type { PanelView } from '../model/view.ts';
import type { MetricsPanel } from '../panel/metricsPanel.ts';
import { plural, t } from '../strings.ts';
import { Icon } from '../../ui/Icon.tsx';
import { AxisChoice } from './AxisChoice.tsx';
import { ChartCard } from './ChartCard.tsx';

interface LearningSectionProps {
  readonly panel: MetricsPanel;
  readonly view: PanelView;
  readonly palette: Palette;
  readonly state: MetricsState;
}

/** Accuracy against effort, with one point for each iteration. */
export function LearningSection({ panel, view, palette, state }: LearningSectionProps): ReactNode {
  const points = useMemo(() => learningPoints(state.iterations), [state.iterations]);
  const axis = chooseAxis(view.axis, points);
  const curve = useMemo(() => learningCurve(points, axis), [points, axis]);
  const rough = accuracyCaveat(points);
  return (
    <section aria-labelledby="learning-title">
      <div className="section-head">
        <h2 id="learning-title">{t('Learning curve')}</h2>
        <p className="note">{t('Measured on the validation images of the session.')}</p>
      </div>
      <ChartCard
        panel={panel}
        view={view}
        palette={palette}
        className="card-curve"
        title={t('Accuracy by iteration')}
        chart={curve.chart}
        table={learningTable(points)}
        detailsOf={(index) => learningDetails(curve, index)}
        emptyText={t('The first point appears after an iteration is trained and evaluated.')}
        subject="learning"
        controls={
          <AxisChoice value={axis} isUseful={(one) => isUseful(one, points)} onChange={(one) => panel.setAxis(one)} />
        }
      >
        {rough === null ? null : (
          <p className="card-note">
            <Icon name="info" />
            <span>{rough}</span>
          </p>
        )}
        {curve.unplaced === 0 ? null : (
          <p className="card-note">
            <Icon name="info" />
            <span>
              {plural(
                curve.unplaced,
                '{0} iteration has no count for this axis; it is in the table.',
                '{0} iterations have no count for this axis; they are in the table.',
              )}
            </span>
          </p>
        )}
      </ChartCard>
    </section>
  );
}
