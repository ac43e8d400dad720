import type { ModelVersionRow } from '../ports/store/models.ts';

/** The active version first, then the newest. @param versions in the order of their numbers, as the store lists them. */
export function activeFirst(versions: readonly ModelVersionRow[]): ModelVersionRow[] {
  return versions.toReversed().toSorted((a, b) => Number(b.isActive) - Number(a.isActive));
}
