import type { ReactNode } from 'react';
import type { Palette } from '../chart/palette.ts';
import type { ChartModel } from '../model/chart.ts';
import { formatValue } from '../model/runCharts.ts';
import { t } from '../strings.ts';
import { LineSample } from './LineSample.tsx';

interface LegendProps {
  readonly chart: ChartModel;
  /** Keys of the hidden lines. */
  readonly hidden: ReadonlySet<string>;
  readonly palette: Palette;
  readonly onToggle: (line: string) => void;
}

/** The lines with their newest values. A click hides or shows a line. */
export function Legend({ chart, hidden, palette, onToggle }: LegendProps): ReactNode {
  return (
    <ul className="legend" aria-label={t('Lines')}>
      {chart.lines.map(({ key, title, values, style }) => {
        const newest = values.findLast((value) => value !== null);
        const off = hidden.has(key);
        return (
          <li key={key}>
            <button
              type="button"
              className={off ? 'legend-item legend-off' : 'legend-item'}
              aria-pressed={!off}
              title={off ? t('Show {0}', title) : t('Hide {0}', title)}
              onClick={() => onToggle(key)}
            >
              <LineSample style={style} palette={palette} />
              <span className="legend-title">{title}</span>
              {newest == null ? null : <span className="legend-value">{formatValue(chart, newest)}</span>}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
