// @vitest-environment jsdom
import type uPlot from 'uplot';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChartModel } from '../model/chart.ts';
import type { Palette } from './palette.ts';
import { Plot, type PlotListener } from './plot.ts';

/** The library without a canvas, which jsdom lacks. It records its calls; the axis has 100 pixels. */
const library = vi.hoisted(() => {
  class FakePlot {
    static readonly made: FakePlot[] = [];
    readonly options: uPlot.Options;
    readonly series: { show: boolean }[];
    readonly over = globalThis.document.createElement('div');
    cursor: { left: number; top: number; idx: number | null; event?: MouseEvent } = { left: -10, top: -10, idx: null };
    select = { left: 0, top: 0, width: 0, height: 0 };
    width = 100;
    height = 50;
    destroyed = false;
    data: number[][];
    constructor(options: uPlot.Options, data: number[][]) {
      this.options = options;
      this.data = data;
      this.series = options.series.map(() => ({ show: true }));
      FakePlot.made.push(this);
    }
    range(): [number, number] {
      const scale = this.options.scales?.['x']?.range as () => [number, number];
      return scale();
    }
    batch(work: () => void): void {
      work();
    }
    setData(data: number[][]): void {
      this.data = data;
    }
    setSeries(index: number, { show }: { show: boolean }): void {
      const one = this.series[index];
      if (one) one.show = show;
    }
    valToPos(value: number): number {
      const [low, high] = this.range();
      return ((value - low) / (high - low)) * 100;
    }
    posToVal(position: number): number {
      const [low, high] = this.range();
      return low + (position / 100) * (high - low);
    }
    setCursor({ left, top }: { left: number; top: number }): void {
      const at = this.posToVal(left);
      const nearest = (this.data[0] ?? [])
        .map((x, index) => [Math.abs(x - at), index] as const)
        .toSorted((a, b) => a[0] - b[0])[0];
      this.cursor = { left, top, idx: left < 0 ? null : (nearest?.[1] ?? null) };
      for (const hook of this.options.hooks?.setCursor ?? []) hook?.(this as unknown as uPlot);
    }
    setSelect(select: typeof this.select): void {
      this.select = select;
    }
    /** Simulates a drag with the mouse. */
    drag(left: number, right: number): void {
      this.select = { left, top: 0, width: right - left, height: 50 };
      for (const hook of this.options.hooks?.setSelect ?? []) hook?.(this as unknown as uPlot);
    }
    setSize(): void {}
    destroy(): void {
      this.destroyed = true;
    }
  }
  return FakePlot;
});

vi.mock('uplot', () => ({ default: library }));

const palette: Palette = {
  lines: ['red', 'blue'],
  text: 'black',
  grid: 'grey',
  background: 'white',
  font: '11px x',
  lineWidth: 2,
};

function chart(last: number, keys: readonly string[] = ['a', 'b']): ChartModel {
  const xs = Array.from({ length: last }, (_, place) => place + 1);
  return {
    id: 'losses',
    xs,
    lines: keys.map((key, style) => ({ key, title: key, style, values: xs.map((x) => x / 10) })),
    xTitle: 'Epoch',
    xLimits: [1, 101],
    wholeX: true,
    scale: 'loss',
    bridgeGaps: false,
    markAll: false,
  };
}

const none: ReadonlySet<string> = new Set();

function open(): { plot: Plot; listener: { [K in keyof PlotListener]: ReturnType<typeof vi.fn<PlotListener[K]>> } } {
  const listener = { onPoint: vi.fn<PlotListener['onPoint']>(), onZoom: vi.fn<PlotListener['onZoom']>() };
  return { plot: new Plot(document.createElement('div'), chart(50), none, palette, listener), listener };
}

function drawn(): InstanceType<typeof library> {
  const newest = library.made.at(-1);
  if (newest === undefined) throw new Error('Nothing was drawn.');
  return newest;
}

beforeEach(() => {
  library.made.length = 0;
});

describe('Plot', () => {
  it('keeps zoom and selected point for new points, without a rebuild', () => {
    const { plot, listener } = open();
    drawn().drag(20, 60);
    expect(drawn().range()).toEqual([21, 61]);
    expect(listener.onZoom).toHaveBeenLastCalledWith(true);
    drawn().setCursor({ left: 50, top: 10 });
    plot.update(chart(51), none, palette);
    expect(library.made).toHaveLength(1);
    expect(drawn().data[0]).toHaveLength(51);
    expect(drawn().range()).toEqual([21, 61]);
    expect(drawn().cursor.left).toBe(50);
    expect(listener.onPoint).toHaveBeenLastCalledWith({ index: 40, left: 50 });
  });

  it('is rebuilt for a new theme or new lines, and keeps zoom and selected point', () => {
    const { plot } = open();
    drawn().drag(20, 60);
    drawn().setCursor({ left: 30, top: 10 });
    plot.update(chart(50), none, { ...palette, text: 'white' });
    plot.update(chart(50, ['a', 'b', 'c']), none, { ...palette, text: 'white' });
    expect(library.made.map(({ destroyed }) => destroyed)).toEqual([true, true, false]);
    expect(drawn().range()).toEqual([21, 61]);
    expect(drawn().cursor.left).toBe(30);
  });

  it('resets the zoom if the axis changes its meaning', () => {
    const { plot, listener } = open();
    drawn().drag(20, 60);
    plot.update({ ...chart(50), xTitle: 'Boxes', xLimits: [0, 900] }, none, palette);
    expect(drawn().range()).toEqual([0, 900]);
    expect(listener.onZoom).toHaveBeenLastCalledWith(false);
  });

  it('shows and hides lines', () => {
    const { plot } = open();
    plot.update(chart(50), new Set(['b']), palette);
    expect(drawn().series.map(({ show }) => show)).toEqual([true, true, false]);
    plot.update(chart(50), none, palette);
    expect(drawn().series.map(({ show }) => show)).toEqual([true, true, true]);
  });

  it('keeps the point that the keyboard selected while the axis grows, and shows it', () => {
    const { plot, listener } = open();
    plot.point(10);
    expect(listener.onPoint).toHaveBeenLastCalledWith({ index: 10, left: 10 });
    plot.update({ ...chart(60), xLimits: [1, 201] }, none, palette);
    expect(listener.onPoint).toHaveBeenLastCalledWith({ index: 10, left: 5 });
    drawn().drag(50, 75);
    plot.point(0);
    const [low, high] = drawn().range();
    expect([low, high]).toEqual([1, 51]);
    plot.point(null);
    expect(listener.onPoint).toHaveBeenLastCalledWith(null);
  });

  it('zooms by keyboard around the selected point, within the axis, and back', () => {
    const { plot, listener } = open();
    plot.point(20);
    plot.zoomBy(0.5);
    expect(drawn().range()).toEqual([11, 61]);
    plot.zoomBy(2);
    expect(drawn().range()).toEqual([1, 101]);
    expect(listener.onZoom).toHaveBeenLastCalledWith(false);
    for (let i = 0; i < 30; i++) plot.zoomBy(0.5);
    const [low, high] = drawn().range();
    expect(high - low).toBeCloseTo(2);
    plot.resetZoom();
    expect(drawn().range()).toEqual([1, 101]);
  });
});
