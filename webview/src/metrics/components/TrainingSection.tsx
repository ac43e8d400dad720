import { useMemo, type ReactNode } from 'react';
import type { RunView } from '../../../../extension/src/protocol/metrics.ts';
import type { Palette } from '../chart/palette.ts';
import type { ChartModel } from '../model/chart.ts';
import { epochDetails, runCharts, runTable } from '../model/runCharts.ts';
import type { PanelView } from '../model/view.ts';
import type { MetricsPanel } from '../panel/metricsPanel.ts';
import { t } from '../strings.ts';
import { ChartCard } from './ChartCard.tsx';
import { EmptyState } from './EmptyState.tsx';

interface TrainingSectionProps {
  readonly panel: MetricsPanel;
  readonly view: PanelView;
  readonly palette: Palette;
  readonly run: RunView;
}

/** The curves of one training. */
export function TrainingSection({ panel, view, palette, run }: TrainingSectionProps): ReactNode {
  const charts = useMemo(() => runCharts(run), [run]);
  const isActive = run.state === 'running' || run.state === 'prepared';
  const heading = (
    <div className="section-head">
      <h2 id="training-title">{t('Training of iteration {0}', run.iterationNumber)}</h2>
      <p className="note">{t('Measured by the trainer after each epoch.')}</p>
    </div>
  );
  const nothing = run.series.every(({ points }) => points.length === 0);
  const card = (chart: ChartModel, title: string, emptyText: string, className = ''): ReactNode => (
    <ChartCard
      panel={panel}
      view={view}
      palette={palette}
      className={className}
      title={title}
      chart={chart}
      table={runTable(chart, title)}
      detailsOf={(index) => [epochDetails(chart, index)]}
      emptyText={emptyText}
      subject={run.runId}
    />
  );
  const noValidation = isActive ? t('No validation has run yet.') : t('This training did not run validation.');
  return (
    <section aria-labelledby="training-title">
      {heading}
      {nothing ? (
        <EmptyState
          icon="graph-line"
          title={t('No numbers yet')}
          text={
            isActive
              ? t('The first values appear after the first epoch.')
              : t('This training ended before its first epoch was complete.')
          }
        />
      ) : (
        <div className="charts">
          {card(charts.losses, t('Losses'), t('This training reports no losses.'), 'card-tall')}
          {card(charts.map, t('mAP50 and mAP50-95'), noValidation)}
          {card(charts.precisionRecall, t('Precision and recall'), noValidation)}
          {charts.other === null ? null : card(charts.other, t('More values'), '', 'card-wide')}
        </div>
      )}
    </section>
  );
}
