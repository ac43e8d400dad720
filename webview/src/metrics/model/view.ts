import { effortAxes, type EffortAxis } from './learningCurve.ts';

/** What the user arranged; it survives a reload. */
export interface PanelView {
  readonly axis: EffortAxis;
  /** Charts that are shown as a table. */
  readonly tables: readonly string[];
  /** Lines that are switched off, as `chart/line`. */
  readonly hidden: readonly string[];
}

export const initialView: PanelView = { axis: 'images', tables: [], hidden: [] };

const maxNames = 200;

/** Adds a name, or takes it out where it is in. */
export function toggled(before: readonly string[], name: string): string[] {
  return before.includes(name) ? before.filter((one) => one !== name) : [...before, name].slice(-maxNames);
}

/** What an earlier life of the page kept; whatever is not valid in it is as at the first time. */
export function readView(kept: unknown): PanelView {
  if (typeof kept !== 'object' || kept === null) return initialView;
  const axis = 'axis' in kept ? effortAxes.find((one) => one === kept.axis) : undefined;
  return {
    axis: axis ?? initialView.axis,
    tables: 'tables' in kept ? names(kept.tables) : [],
    hidden: 'hidden' in kept ? names(kept.hidden) : [],
  };
}

function names(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.filter((one): one is string => typeof one === 'string').slice(-maxNames);
}
