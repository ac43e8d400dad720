import type { GridCellView, GridListing, GridQueryView, GridState } from '../../../../extension/src/protocol/grid.ts';

/**
 * Checks the outline of a message from the host. Not every field, because both sides are built together.
 * @throws Error if the message is invalid.
 */
export function checkFromHost(type: string, payload: unknown): unknown {
  if (type === 'grid/state' && isGridState(payload)) return payload;
  if (type === 'grid/show' && isQuery(payload)) return payload;
  if (type === 'grid/thumbnail' && isObject(payload) && typeof payload['imageId'] === 'number') return payload;
  throw new Error(`The message ${type} is not valid.`);
}

export function isGridState(value: unknown): value is GridState {
  return (
    isObject(value) &&
    isObject(value['counts']) &&
    ['classNames', 'metrics', 'folders'].every((name) => Array.isArray(value[name]))
  );
}

export function isListing(value: unknown): value is GridListing {
  return isObject(value) && typeof value['token'] === 'number' && typeof value['total'] === 'number';
}

export function areCells(value: unknown): value is readonly (GridCellView | null)[] {
  return (
    Array.isArray(value) &&
    value.every((cell) => cell === null || (isObject(cell) && typeof cell['imageId'] === 'number'))
  );
}

/** Also for a query that the page stored before a reload; the host checks each field. */
export function isQuery(value: unknown): value is GridQueryView {
  return (
    isObject(value) &&
    typeof value['source'] === 'string' &&
    isObject(value['order']) &&
    typeof value['reversed'] === 'boolean' &&
    ['like', 'classId', 'verdict', 'split', 'folder'].every((name) => value[name] !== undefined)
  );
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
