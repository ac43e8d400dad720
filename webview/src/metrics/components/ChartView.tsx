import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Palette } from '../chart/palette.ts';
import { Plot, type PointedAt } from '../chart/plot.ts';
import type { ChartModel, PointDetails } from '../model/chart.ts';
import { t } from '../strings.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Tooltip } from './Tooltip.tsx';

interface ChartViewProps {
  readonly chart: ChartModel;
  readonly title: string;
  readonly hidden: ReadonlySet<string>;
  readonly palette: Palette;
  readonly detailsOf: (index: number) => readonly PointDetails[];
}

/** The zoom factor of a key. */
const zoomStep = 0.6;

/** A chart. Arrow keys select points, plus and minus zoom. For screen readers it is a slider over its points. */
export function ChartView({ chart, title, hidden, palette, detailsOf }: ChartViewProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const [pointed, setPointed] = useState<PointedAt | null>(null);
  const [zoomed, setZoomed] = useState(false);
  const latest = useRef({ chart, hidden, palette });
  useLayoutEffect(() => {
    latest.current = { chart, hidden, palette };
    plot.current?.update(chart, hidden, palette);
  }, [chart, hidden, palette]);
  useEffect(() => {
    const element = host.current;
    if (element === null || typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === 0 || element.clientHeight === 0) return;
      if (plot.current !== null) return plot.current.resize();
      const now = latest.current;
      plot.current = new Plot(element, now.chart, now.hidden, now.palette, { onPoint: setPointed, onZoom: setZoomed });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  const count = chart.xs.length;
  const index = Math.min(pointed?.index ?? count - 1, count - 1);
  const details = detailsOf(index).map((one) => ({
    ...one,
    values: one.values.filter(({ key }) => !hidden.has(key)),
  }));
  const onKeyDown = (event: KeyboardEvent): void => {
    if (plot.current === null || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!handleKey(plot.current, event.key, pointed?.index ?? null, count)) return;
    event.preventDefault();
  };
  return (
    <div className="chart">
      <div
        className="chart-canvas"
        role="slider"
        tabIndex={0}
        aria-label={title}
        aria-valuemin={1}
        aria-valuemax={count}
        aria-valuenow={index + 1}
        aria-valuetext={details.map(detailsText).join('; ')}
        aria-description={t(
          'Use the arrow keys to move between values, plus and minus to zoom, and Escape to go back.',
        )}
        onKeyDown={onKeyDown}
        onBlur={() => plot.current?.point(null)}
        ref={host}
      />
      {pointed === null ? null : <div className="chart-line" style={{ left: pointed.left }} />}
      {pointed === null ? null : <Tooltip details={details} left={pointed.left} palette={palette} />}
      {zoomed ? (
        <IconButton
          className="chart-reset"
          icon="zoom-out"
          label={t('Show all')}
          onClick={() => plot.current?.resetZoom()}
        />
      ) : null}
    </div>
  );
}

/** Handles a key. @returns whether the chart uses the key. */
function handleKey(plot: Plot, key: string, index: number | null, count: number): boolean {
  const last = count - 1;
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      plot.point(index === null ? last : Math.max(0, index - 1));
      return true;
    case 'ArrowRight':
    case 'ArrowUp':
      plot.point(index === null ? last : Math.min(last, index + 1));
      return true;
    case 'PageDown':
      plot.point(Math.max(0, (index ?? last) - 10));
      return true;
    case 'PageUp':
      plot.point(Math.min(last, (index ?? last) + 10));
      return true;
    case 'Home':
      plot.point(0);
      return true;
    case 'End':
      plot.point(last);
      return true;
    case '+':
    case '=':
      plot.zoomBy(zoomStep);
      return true;
    case '-':
      plot.zoomBy(1 / zoomStep);
      return true;
    case '0':
      plot.resetZoom();
      return true;
    case 'Escape':
      if (index !== null) plot.point(null);
      else if (plot.zoomed) plot.resetZoom();
      else return false;
      return true;
    default:
      return false;
  }
}

function detailsText({ title, values, notes }: PointDetails): string {
  return [title, ...values.map((one) => `${one.title} ${one.value}`), ...notes].join(', ');
}
