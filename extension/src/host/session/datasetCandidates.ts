/** A dataset that the workspace offers. */
export type DatasetCandidate =
  | { readonly kind: 'yaml'; readonly path: string }
  | {
      readonly kind: 'folder';
      readonly path: string;
      readonly images: number;
      /** Whether the search ended early, so that there may be more images. */
      readonly more?: boolean;
    };

/** The beginning of a YAML file of the workspace. */
export interface YamlFile {
  readonly path: string;
  readonly text: string;
}

/** Whether a YAML file describes a dataset: it names classes and where images are. */
export function describesDataset(text: string): boolean {
  return /^\s*(names|nc)\s*:/m.test(text) && /^\s*(train|val|path)\s*:/m.test(text);
}

/**
 * Datasets among files of the workspace, the likeliest first: descriptions, shallow ones before deep ones and
 * `data.yaml` before other names; then folders of images that no description covers.
 * @param images paths of image files, absolute, with `/`.
 * @param more whether there are images beyond these.
 */
export function datasetCandidates(
  yamlFiles: readonly YamlFile[],
  images: readonly string[],
  more = false,
): DatasetCandidate[] {
  const descriptions = yamlFiles
    .filter(({ text }) => describesDataset(text))
    .map(({ path }) => ({ kind: 'yaml', path }) as const)
    .toSorted((a, b) => depth(a.path) - depth(b.path) || rank(a.path) - rank(b.path) || compare(a.path, b.path));
  const covered = descriptions.map(({ path }) => `${parent(path)}/`);
  const counts = new Map<string, number>();
  for (const image of images) {
    if (covered.some((folder) => image.startsWith(folder))) continue;
    const folder = parent(image);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const folders = [...counts]
    .map(([path, count]) => ({ kind: 'folder', path, images: count, ...(more ? { more } : {}) }) as const)
    .toSorted((a, b) => b.images - a.images || compare(a.path, b.path));
  return [...descriptions, ...folders];
}

function parent(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function depth(path: string): number {
  return path.split('/').length;
}

function rank(path: string): number {
  return /\/(data|dataset)\.ya?ml$/i.test(path) ? 0 : 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
