import { effortAxes, type EffortAxis } from './learningCurve.ts';

/** The user's choices on the page. They survive a reload. */
export interface PanelView {
  readonly axis: EffortAxis;
  /** Charts that are shown as a table. */
  readonly tables: readonly string[];
  /** Hidden lines, as `chart/line`. */
  readonly hidden: readonly string[];
}

export const initialView: PanelView = { axis: 'images', tables: [], hidden: [] };

const maxNames = 200;

/** Adds a name, or removes it if it is in the list. */
export function toggled(before: readonly string[], name: string): string[] {
  return before.includes(name) ? before.filter((one) => one !== name) : [...before, name].slice(-maxNames);
}

/** The choices that the page stored before a reload. Invalid parts get their defaults. */
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
