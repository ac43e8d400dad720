import uPlot from 'uplot';
import type { ChartModel } from '../model/chart.ts';
import type { Palette } from './palette.ts';
import { plotOptions } from './plotOptions.ts';

/** The selected point: its index, and its position in the element of the plot, in CSS pixels. */
export interface PointedAt {
  readonly index: number;
  readonly left: number;
}

export interface PlotListener {
  readonly onPoint: (at: PointedAt | null) => void;
  readonly onZoom: (zoomed: boolean) => void;
}

/** A drawn chart. Zoom and selected point remain when the data, the theme or the size change. */
export class Plot {
  readonly #host: HTMLElement;
  readonly #listener: PlotListener;
  #chart: ChartModel;
  #hidden: ReadonlySet<string>;
  #palette: Palette;
  #plot: uPlot;
  #zoom: readonly [number, number] | null = null;
  /** The point that the keyboard selected. It remains selected without a mouse. */
  #held: number | null = null;

  constructor(
    host: HTMLElement,
    chart: ChartModel,
    hidden: ReadonlySet<string>,
    palette: Palette,
    listener: PlotListener,
  ) {
    this.#host = host;
    this.#chart = chart;
    this.#hidden = hidden;
    this.#palette = palette;
    this.#listener = listener;
    this.#plot = this.#draw();
  }

  get zoomed(): boolean {
    return this.#zoom !== null;
  }

  /** Shows new data. The chart is rebuilt only if its lines or its appearance change. */
  update(chart: ChartModel, hidden: ReadonlySet<string>, palette: Palette): void {
    const sameAxis = chart.xTitle === this.#chart.xTitle;
    const rebuild = palette !== this.#palette || outline(chart) !== outline(this.#chart);
    this.#chart = chart;
    this.#palette = palette;
    this.#hidden = hidden;
    if (!sameAxis) this.#setZoom(null);
    if (this.#held !== null && (!sameAxis || this.#held >= chart.xs.length)) this.#held = null;
    if (rebuild) {
      const { left = -10, top = -10 } = this.#plot.cursor;
      this.#plot.destroy();
      this.#plot = this.#draw();
      if (left >= 0) this.#plot.setCursor({ left, top });
    } else {
      this.#plot.batch(() => {
        this.#showLines(this.#plot);
        this.#plot.setData(dataOf(chart));
      });
    }
    if (this.#held !== null) this.point(this.#held);
  }

  resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#host;
    if (width === this.#plot.width && height === this.#plot.height) return;
    this.#plot.setSize({ width, height });
    if (this.#held !== null) this.point(this.#held);
  }

  /** Selects a point by keyboard; null deselects it. */
  point(index: number | null): void {
    this.#held = index;
    const x = index === null ? undefined : this.#chart.xs[index];
    if (index === null || x === undefined) {
      this.#plot.setCursor({ left: -10, top: -10 });
      return;
    }
    this.#bringIntoView(x);
    this.#plot.setCursor({ left: this.#plot.valToPos(x, 'x'), top: this.#plot.over.clientHeight / 2 });
    this.#listener.onPoint({ index, left: this.#leftOf(x) });
  }

  /** Zooms around the selected point or the middle. A `factor` below 1 zooms in. */
  zoomBy(factor: number): void {
    const [low, high] = this.#shown();
    const { idx } = this.#plot.cursor;
    const centre = (idx == null ? undefined : this.#chart.xs[idx]) ?? (low + high) / 2;
    const share = (centre - low) / (high - low || 1);
    const width = (high - low) * factor;
    this.#setZoom(this.#within(centre - share * width, centre + (1 - share) * width));
    this.#redraw();
  }

  resetZoom(): void {
    this.#setZoom(null);
    this.#redraw();
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #draw(): uPlot {
    const size = { width: this.#host.clientWidth, height: this.#host.clientHeight };
    const options = plotOptions(this.#chart, this.#palette, size, {
      xRange: () => this.#shown(),
      zoomed: () => this.zoomed,
      onCursor: (plot) => this.#onCursor(plot),
      onSelect: (plot) => this.#onSelect(plot),
      onReset: () => this.resetZoom(),
    });
    const plot = new uPlot(options, dataOf(this.#chart), this.#host);
    this.#showLines(plot);
    return plot;
  }

  #showLines(plot: uPlot): void {
    for (const [place, { key }] of this.#chart.lines.entries()) {
      const show = !this.#hidden.has(key);
      if (plot.series[place + 1]?.show !== show) plot.setSeries(place + 1, { show });
    }
  }

  #shown(): readonly [number, number] {
    return this.#zoom ?? this.#chart.xLimits;
  }

  #onCursor(plot: uPlot): void {
    const { idx, left = -10 } = plot.cursor;
    const x = idx == null ? undefined : this.#chart.xs[idx];
    // The mouse replaces the keyboard's selection.
    if (plot.cursor.event != null && left >= 0) this.#held = null;
    if (left < 0 || idx == null || x === undefined) {
      if (this.#held === null) this.#listener.onPoint(null);
      return;
    }
    if (this.#held === null) this.#listener.onPoint({ index: idx, left: plot.over.offsetLeft + plot.valToPos(x, 'x') });
  }

  #onSelect(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width <= 0) return;
    const low = plot.posToVal(left, 'x');
    const high = plot.posToVal(left + width, 'x');
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#setZoom(this.#within(low, high));
    this.#redraw();
  }

  #leftOf(x: number): number {
    return this.#plot.over.offsetLeft + this.#plot.valToPos(x, 'x');
  }

  #bringIntoView(x: number): void {
    const [low, high] = this.#shown();
    if (this.#zoom === null || (x >= low && x <= high)) return;
    const half = (high - low) / 2;
    this.#setZoom(this.#within(x - half, x + half));
    this.#redraw();
  }

  /** The range within the axis; null for the whole axis. */
  #within(low: number, high: number): readonly [number, number] | null {
    const [first, last] = this.#chart.xLimits;
    const least = (last - first) / 50;
    const width = Math.min(Math.max(high - low, least), last - first);
    if (width >= last - first) return null;
    const from = Math.min(Math.max(low, first), last - width);
    return [from, from + width];
  }

  #setZoom(zoom: readonly [number, number] | null): void {
    const changed = (zoom === null) !== (this.#zoom === null);
    this.#zoom = zoom;
    if (changed) this.#listener.onZoom(zoom !== null);
  }

  #redraw(): void {
    this.#plot.batch(() => this.#plot.setData(dataOf(this.#chart)));
  }
}

function dataOf({ xs, lines }: ChartModel): uPlot.AlignedData {
  return [[...xs], ...lines.map(({ values }) => [...values])];
}

/** The parts of a chart that the library cannot change later. */
function outline({ lines, scale, wholeX, xTitle, bridgeGaps, markAll }: ChartModel): string {
  return JSON.stringify([
    lines.map(({ key, title, style }) => [key, title, style]),
    scale,
    wholeX,
    xTitle,
    bridgeGaps,
    markAll,
  ]);
}
