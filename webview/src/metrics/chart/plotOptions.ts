import type uPlot from 'uplot';
import { lossTop, rateTop, zoomedLimits, type ChartLine, type ChartModel } from '../model/chart.ts';
import { formatTick } from '../model/format.ts';
import { lineStyle, markedPoints, markerCorners, itemForLine } from './lineStyles.ts';
import type { Palette } from './palette.ts';

const markerRadius = 3.5;
/** Pixels between markers, unless all points have one. */
const markerSpace = 48;
const steps = [1, 2, 5];
const wholeSteps = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => steps.map((step) => step * 10 ** power));
const fractionSteps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, ...wholeSteps];

interface PlotHooks {
  /** The visible range of x. */
  readonly xRange: () => readonly [number, number];
  readonly zoomed: () => boolean;
  readonly onCursor: (plot: uPlot) => void;
  readonly onSelect: (plot: uPlot) => void;
  readonly onReset: () => void;
}

/** The options of the chart library, without data. */
export function plotOptions(
  chart: ChartModel,
  palette: Palette,
  size: { readonly width: number; readonly height: number },
  hooks: PlotHooks,
): uPlot.Options {
  return {
    ...size,
    padding: [10, 14, 0, 0],
    legend: { show: false },
    cursor: {
      // The page draws the vertical line at the value, not at the mouse.
      x: false,
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 6 },
      points: {
        size: markerRadius * 2 + 5,
        width: 2,
        stroke: (_plot, series) => colourOf(chart.lines[series - 1], palette),
        fill: palette.background,
      },
      bind: {
        dblclick: () => () => {
          hooks.onReset();
          return null;
        },
      },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, range: () => [...hooks.xRange()] },
      y: {
        range: (_plot, low, high) =>
          hooks.zoomed() && Number.isFinite(low) && Number.isFinite(high)
            ? zoomedLimits(low, high, chart.scale)
            : [0, chart.scale === 'rate' ? rateTop(high) : lossTop(high)],
      },
    },
    axes: [xAxis(chart, palette), yAxis(chart, palette)],
    series: [{}, ...chart.lines.map((line) => lineOptions(chart, line, palette))],
    hooks: { setCursor: [hooks.onCursor], setSelect: [hooks.onSelect] },
  };
}

function lineOptions(chart: ChartModel, line: ChartLine, palette: Palette): uPlot.Series {
  const colour = colourOf(line, palette);
  const { dash, marker } = lineStyle(line.style);
  return {
    label: line.title,
    stroke: colour,
    width: palette.lineWidth,
    dash: [...dash],
    spanGaps: chart.bridgeGaps,
    points: {
      show: true,
      stroke: palette.background,
      fill: colour,
      width: 1,
      dash: [],
      filter: (plot, index) => {
        const shown = plot.series[0]?.idxs ?? [0, chart.xs.length - 1];
        const every = chart.markAll
          ? 1
          : spacing(((shown[1] - shown[0] + 1) * markerSpace) / Math.max(1, plot.over.clientWidth));
        return markedPoints([...(plot.data[index] ?? [])], shown[0], shown[1], every, chart.bridgeGaps);
      },
      paths: (plot, index, _from, _to, marked) => markers(plot, index, marked ?? [], marker),
    },
  };
}

/** Points between two markers. Few steps, so that markers do not move with each new point. */
function spacing(least: number): number {
  return wholeSteps.find((step) => step >= least) ?? least;
}

/** Draws the markers as one path, in pixels of the canvas. */
function markers(
  plot: uPlot,
  index: number,
  marked: readonly number[],
  marker: ReturnType<typeof lineStyle>['marker'],
): uPlot.Series.Points.Paths {
  const radius = markerRadius * devicePixelRatio;
  const corners = markerCorners(marker, radius);
  const path = new Path2D();
  for (const place of marked) {
    const value = plot.data[index]?.[place];
    const at = plot.data[0]?.[place];
    if (value == null || at == null) continue;
    const x = plot.valToPos(at, 'x', true);
    const y = plot.valToPos(value, 'y', true);
    if (corners === null) {
      path.moveTo(x + radius, y);
      path.arc(x, y, radius, 0, 2 * Math.PI);
    } else {
      for (const [corner, [dx, dy]] of corners.entries()) {
        if (corner === 0) path.moveTo(x + dx, y + dy);
        else path.lineTo(x + dx, y + dy);
      }
      path.closePath();
    }
  }
  // Don't clip a marker at the edge of the plot.
  const clip = new Path2D();
  const { left, top, width, height } = plot.bbox;
  clip.rect(left - 2 * radius, top - 2 * radius, width + 4 * radius, height + 4 * radius);
  return { stroke: path, fill: path, clip, flags: 3 };
}

function xAxis(chart: ChartModel, palette: Palette): uPlot.Axis {
  return {
    ...axis(palette),
    label: chart.xTitle,
    labelFont: palette.font,
    labelSize: 20,
    labelGap: 2,
    size: 26,
    space: 44,
    incrs: chart.wholeX ? wholeSteps : fractionSteps,
    values: (_plot, splits, _axis, _space, step) => splits.map((value) => (value < 0 ? '' : formatTick(value, step))),
  };
}

function yAxis(chart: ChartModel, palette: Palette): uPlot.Axis {
  return {
    ...axis(palette),
    space: 28,
    size: (plot, values) => widest(plot, values, palette.font) + 14,
    ...(chart.scale === 'rate' ? { incrs: [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1] } : {}),
    values: (_plot, splits, _axis, _space, step) => splits.map((value) => formatTick(value, step)),
  };
}

function axis(palette: Palette): uPlot.Axis {
  return {
    stroke: palette.text,
    font: palette.font,
    gap: 4,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { stroke: palette.grid, width: 1, size: 4 },
  };
}

/** The width of the widest text, in CSS pixels. */
function widest(plot: uPlot, values: readonly (string | number | null)[] | null, font: string): number {
  const { ctx } = plot;
  ctx.save();
  ctx.font = font;
  const width = Math.max(16, ...(values ?? []).map((value) => ctx.measureText(String(value ?? '')).width));
  ctx.restore();
  return Math.ceil(width);
}

function colourOf(line: ChartLine | undefined, palette: Palette): string {
  return itemForLine(palette.lines, line?.style ?? 0, palette.text);
}
