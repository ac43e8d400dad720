import { useMemo, useState, type ReactNode } from 'react';
import type { Palette } from '../chart/palette.ts';
import { copyText } from '../clipboard.ts';
import type { ChartModel, PointDetails } from '../model/chart.ts';
import { toCsv, type TableModel } from '../model/table.ts';
import type { MetricsPanel } from '../panel/metricsPanel.ts';
import type { PanelView } from '../model/view.ts';
import { t } from '../strings.ts';
import { IconButton } from '../../ui/Button.tsx';
import { ChartView } from './ChartView.tsx';
import { DataTable } from './DataTable.tsx';
import { Legend } from './Legend.tsx';

interface ChartCardProps {
  readonly panel: MetricsPanel;
  readonly view: PanelView;
  readonly palette: Palette;
  readonly title: string;
  readonly chart: ChartModel;
  readonly table: TableModel;
  readonly detailsOf: (index: number) => readonly PointDetails[];
  /** Shown instead of an empty chart. */
  readonly emptyText: string;
  /** Identifies the data. A different subject resets the zoom. */
  readonly subject: string;
  readonly className?: string;
  /** Controls beside the title. */
  readonly controls?: ReactNode;
  /** Content below the chart. */
  readonly children?: ReactNode;
}

/** A chart with its title, legend and table. */
export function ChartCard(props: ChartCardProps): ReactNode {
  const { panel, view, palette, title, chart, table } = props;
  const asTable = view.tables.includes(chart.id);
  const hidden = useHidden(view, chart);
  const empty = chart.lines.length === 0 || chart.xs.length === 0;
  const noTable = table.rows.length === 0 || (empty && chart.id !== 'learning');
  const titleId = `title-${chart.id}`;
  return (
    <section className={`card ${props.className ?? ''}`} aria-labelledby={titleId}>
      <div className="card-head">
        <h3 id={titleId}>{title}</h3>
        {props.controls}
        <div className="card-actions">
          <IconButton
            icon="table"
            label={t('Show as table')}
            pressed={asTable}
            disabled={noTable}
            onClick={() => panel.toggleTable(chart.id)}
          />
          <CopyButton panel={panel} table={table} disabled={noTable} />
        </div>
      </div>
      {asTable && !noTable ? (
        <DataTable table={table} />
      ) : empty ? (
        <p className="card-empty">{props.emptyText}</p>
      ) : (
        <>
          <Legend
            chart={chart}
            hidden={hidden}
            palette={palette}
            onToggle={(line) => panel.toggleLine(chart.id, line)}
          />
          <ChartView
            key={props.subject}
            chart={chart}
            title={title}
            hidden={hidden}
            palette={palette}
            detailsOf={props.detailsOf}
          />
        </>
      )}
      {props.children}
    </section>
  );
}

/** The hidden lines. The same set until they change, so that the chart is not redrawn without a change. */
function useHidden(view: PanelView, chart: ChartModel): ReadonlySet<string> {
  const off = chart.lines.map(({ key }) => key).filter((key) => view.hidden.includes(`${chart.id}/${key}`));
  const name = JSON.stringify(off);
  return useMemo(() => new Set(JSON.parse(name) as string[]), [name]);
}

function CopyButton(props: { panel: MetricsPanel; table: TableModel; disabled: boolean }): ReactNode {
  const [done, setDone] = useState<boolean | null>(null);
  const copy = async (): Promise<void> => {
    const copied = await copyText(toCsv(props.table));
    setDone(copied);
    props.panel.announce(copied ? t('Copied as CSV') : t('Could not copy to the clipboard.'));
    setTimeout(() => setDone(null), 1500);
  };
  return (
    <IconButton
      icon={done === null ? 'copy' : done ? 'check' : 'error'}
      label={t('Copy as CSV')}
      disabled={props.disabled}
      onClick={() => void copy()}
    />
  );
}
