import type { ReactNode } from 'react';
import type { MetricsString } from '../../../../extension/src/protocol/metricsStrings.ts';
import { effortAxes, type EffortAxis } from '../model/learningCurve.ts';
import { t } from '../strings.ts';

const names: Readonly<Record<EffortAxis, MetricsString>> = {
  images: 'Images',
  boxes: 'Boxes',
  minutes: 'Review minutes',
};

interface AxisChoiceProps {
  readonly value: EffortAxis;
  readonly isUseful: (axis: EffortAxis) => boolean;
  readonly onChange: (axis: EffortAxis) => void;
}

/** Selects the x axis. Native radio buttons, for arrow keys and screen readers. */
export function AxisChoice({ value, isUseful, onChange }: AxisChoiceProps): ReactNode {
  return (
    <fieldset className="axis-choice">
      <legend className="ui-visually-hidden">{t('Accuracy against')}</legend>
      {effortAxes.map((axis) => {
        const useful = isUseful(axis);
        return (
          <label key={axis} className={useful ? '' : 'axis-off'} title={useful ? '' : t('No values yet.')}>
            <input
              type="radio"
              name="effort-axis"
              value={axis}
              checked={value === axis}
              disabled={!useful}
              onChange={() => onChange(axis)}
            />
            <span>{t(names[axis])}</span>
          </label>
        );
      })}
    </fieldset>
  );
}
