import type { Detection } from './types.ts';

/** The classes of a dataset for the classes of a model that was trained on other data. */
export interface ClassMatch {
  /** The id in the dataset by the id in the model; a class without one is left out. */
  readonly classIds: ReadonlyMap<number, number>;
  /** Whether names agree. Otherwise every object stands for the only class of the dataset. */
  readonly byName: boolean;
}

/**
 * Finds the classes of a model whose names are also in a dataset: upper and lower case, `_`, `-` and spaces are the same.
 * If no name fits, a dataset of one class takes every object as that class: for a person, dropping a box takes less time
 * than drawing one. With several classes, their boxes would have a wrong class, so that nothing fits.
 * @returns null if nothing fits.
 */
export function matchClasses(modelNames: readonly string[], datasetNames: readonly string[]): ClassMatch | null {
  const known = new Map(datasetNames.map((name, id) => [plainName(name), id] as const).toReversed());
  const named = modelNames.flatMap((name, id) => {
    const own = known.get(plainName(name));
    return own === undefined ? [] : [[id, own] as const];
  });
  if (named.length > 0) return { classIds: new Map(named), byName: true };
  if (datasetNames.length !== 1) return null;
  return { classIds: new Map(modelNames.map((_, id) => [id, 0])), byName: false };
}

function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/gu, ' ')
    .trim();
}

/** The detections with the classes of the dataset. Class scores are left out: they are those of other classes. */
export function withMatchedClasses(detections: readonly Detection[], { classIds }: ClassMatch): Detection[] {
  return detections.flatMap(({ classId, confidence, box }) => {
    const own = classIds.get(classId);
    return own === undefined ? [] : [{ classId: own, confidence, box }];
  });
}
