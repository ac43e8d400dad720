import { dirname, relative, resolve, sep } from 'node:path';
import { guessCaptureGroups } from '../../../core/dataset/captureGroup.ts';
import { DatasetError } from '../../../core/dataset/errors.ts';
import { labelPathOf } from '../../../core/dataset/labelPaths.ts';
import type { DatasetProblem, Split } from '../../../core/dataset/types.ts';
import type { DatasetRoot, ListedImage } from '../../../workflow/ports/datasetFiles.ts';
import { shownPath } from '../../platform/bytePaths.ts';
import type { WalkedFile } from './walkImages.ts';

/**
 * Collects listed images: each path once, relative to a root, in the split that names it first. The caller adds val,
 * test, train and pool in this order, so that validation images are exactly those in the file and never in training.
 */
export class ImageCollector {
  readonly roots: DatasetRoot[] = [];
  readonly problems: DatasetProblem[] = [];
  readonly #images = new Map<string, ListedImage>();
  /** The first path of each file; links and other spellings may add more paths. */
  readonly #pathOf = new Map<string, string>();
  /** Images of val and test that train names too. */
  readonly #trainToo = new Set<string>();
  readonly #testToo = new Set<string>();
  /** Number of images in pool folders that the dataset already names. */
  poolOverlap = 0;

  /** Adds a root unless its path is known. An image belongs to the first root that contains it. */
  addRoot(path: string, kind: DatasetRoot['kind']): void {
    if (!this.roots.some((root) => root.path === path)) this.roots.push({ path, kind });
  }

  /** @param source the folder or list that names the file. Determines a new root if none contains the file. */
  add(file: WalkedFile, split: Split, source: string): void {
    const known = this.#images.get(file.path) ?? this.#sameFileElsewhere(file, split);
    if (known) {
      this.#addAgain(known, split, source);
      return;
    }
    const root = this.#rootOf(file.path, source);
    const rootPath = this.roots[root]?.path ?? '';
    if (!this.#pathOf.has(file.real)) this.#pathOf.set(file.real, file.path);
    this.#images.set(file.path, {
      root,
      relativePath: relative(rootPath, file.path).split(sep).join('/'),
      absolutePath: file.path,
      split,
      size: file.size,
      mtimeMs: file.mtimeMs,
      captureGroup: null,
    });
  }

  get images(): ListedImage[] {
    return [...this.#images.values()];
  }

  /** All images with their groups, which are guessed from all names. */
  grouped(): ListedImage[] {
    const { images } = this;
    const groups = guessCaptureGroups(images.map(key));
    return images.map((image) => ({ ...image, captureGroup: groups.get(key(image)) ?? null }));
  }

  /**
   * Decides which images to train on if every training image is also a validation or test image.
   * @throws DatasetError `validation-is-training` if the validation images hold all training images and more.
   */
  keepTraining(description: string): void {
    this.#reportRepeatedValidation(description);
    if (this.#trainToo.size === 0 || this.#count('train') > 0) return;
    const [tested, validated] = [this.#trainTooIn('test'), this.#trainTooIn('val')];
    if (tested.length > 0) {
      this.#train(tested, {
        severity: 'warning',
        code: 'test-is-training',
        message: `The test split of ${description} names all training images; ${tested.length} of them are used for training and do not count as test images.`,
        hint: 'Name other images as "test", or remove it.',
        file: description,
      });
    } else if (validated.length === this.#count('val')) {
      this.#train(validated, {
        severity: 'error',
        code: 'validation-is-training',
        message: `The val split of ${description} names the same ${validated.length} images as train: a model would be judged on the images that it was trained on.`,
        hint: 'Name other images as "val", or remove the entry: then a fifth of the labelled images is set aside for validation.',
        file: description,
      });
    } else {
      throw new DatasetError(
        'validation-is-training',
        `The val split of ${description} holds all ${validated.length} training images and ${this.#count('val') - validated.length} more; nothing would be left to train on.`,
        'Name as "val" only images that are not in "train", such as another folder.',
        { where: description },
      );
    }
  }

  /** Finds the file in another split, so that no validation or test image is trained on. Links in one split are separate images. */
  #sameFileElsewhere({ real }: WalkedFile, split: Split): ListedImage | undefined {
    const known = this.#images.get(this.#pathOf.get(real) ?? '');
    return known?.split === split ? undefined : known;
  }

  #addAgain(known: ListedImage, split: Split, source: string): void {
    const path = known.absolutePath;
    if (split === 'pool') {
      this.poolOverlap++;
    } else if (known.split === split) {
      this.problems.push({
        severity: 'info',
        code: 'listed-twice',
        message: `${path} is named twice in the ${split} split (again by ${source}); it counts once.`,
        hint: 'Remove one of the two entries.',
        file: path,
      });
    } else if (split === 'test') {
      this.#testToo.add(path);
    } else {
      this.#trainToo.add(path);
      this.problems.push({
        severity: 'warning',
        code: 'split-leak',
        message: `${path} is in the ${known.split} split and in the ${split} split; it is used for ${known.split} alone, since a model must not be judged on what it trained on.`,
        hint: `Remove it from one of the two (again named by ${source}).`,
        file: path,
      });
    }
  }

  #reportRepeatedValidation(description: string): void {
    const count = this.#testToo.size;
    if (count === 0) return;
    this.problems.push({
      severity: 'info',
      code: 'test-repeats-validation',
      message: `The test split of ${description} repeats ${count} of the ${this.#count('val')} validation images; they count for validation alone.`,
      hint: 'Nothing to do here: test images are neither trained on nor chosen.',
      file: description,
    });
  }

  #count(split: Split): number {
    let count = 0;
    for (const image of this.#images.values()) if (image.split === split) count++;
    return count;
  }

  #trainTooIn(split: Split): string[] {
    return [...this.#trainToo].filter((path) => this.#images.get(path)?.split === split);
  }

  /** Moves these images to training and replaces their `split-leak` problems with one problem. */
  #train(paths: readonly string[], problem: DatasetProblem): void {
    const moved = new Set(paths);
    for (const path of paths) {
      const image = this.#images.get(path);
      if (image) this.#images.set(path, { ...image, split: 'train' });
    }
    const others = this.problems.filter(({ code, file }) => code !== 'split-leak' || !moved.has(file ?? ''));
    this.problems.splice(0, this.problems.length, ...others, problem);
  }

  #rootOf(path: string, source: string): number {
    const holder = this.roots.findIndex((root) => isInside(path, root.path));
    if (holder >= 0) return holder;
    this.addRoot(rootFor(path, source), 'dataset');
    return this.roots.length - 1;
  }
}

/** A map key for a root and a path in it. */
function key({ root, relativePath }: ListedImage): string {
  return `${root}/${relativePath}`;
}

/** The root for images outside the dataset folder: the folder above `images`, otherwise the folder of the source. */
function rootFor(path: string, source: string): string {
  const parts = dirname(path).split(sep);
  const at = parts.lastIndexOf('images');
  if (at > 0) return parts.slice(0, at).join(sep) || sep;
  return isInside(path, source) ? source : dirname(path);
}

/** Whether a path is in a folder, compared as text. */
export function isInside(path: string, folder: string): boolean {
  const prefix = resolve(folder);
  return path.startsWith(prefix.endsWith(sep) ? prefix : prefix + sep);
}

/** Pairs of images that share a label file, such as a.jpg and a.png: boxes of one would appear on the other. */
export function sharedLabelProblems(images: readonly ListedImage[]): DatasetProblem[] {
  const owners = new Map<string, string>();
  return images.flatMap(({ absolutePath }): DatasetProblem[] => {
    const label = labelPathOf(absolutePath);
    const owner = owners.get(label);
    if (owner === undefined) {
      owners.set(label, absolutePath);
      return [];
    }
    return [
      {
        severity: 'warning',
        code: 'shared-label-file',
        message: `${owner} and ${absolutePath} share the label file ${label}, since they differ only in their extension.`,
        hint: 'Rename one of the two images, and give it a label file of its own.',
        file: absolutePath,
      },
    ];
  });
}

/** Characters and endings that Windows does not allow in a name, and its reserved device names. */
const notPortable = /[<>:"|?*\\]|[. ](?:\/|$)|(?:^|\/)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.[^/]*)?(?:\/|$)/iu;

/** One problem for all names that are invalid on other systems but work here. */
export function portabilityProblem(images: readonly ListedImage[]): DatasetProblem[] {
  const names = process.platform === 'win32' ? [] : images.filter(({ relativePath }) => notPortable.test(relativePath));
  const first = names[0];
  if (first === undefined) return [];
  return [
    {
      severity: 'info',
      code: 'name-not-portable',
      message: `${names.length} image ${names.length === 1 ? 'name' : 'names'} cannot exist on Windows, such as "${first.relativePath}".`,
      hint: 'They work here; rename them before the dataset moves to Windows.',
      file: first.absolutePath,
    },
  ];
}

/** One problem per unsupported extension, with the number of files and some names. */
export function unsupportedProblems(
  paths: readonly string[],
  extensionOf: (path: string) => string,
  reasonOf: (path: string) => string | null,
  hint: string,
): DatasetProblem[] {
  const byExtension = new Map<string, string[]>();
  for (const path of paths.toSorted()) {
    const extension = extensionOf(path);
    byExtension.set(extension, [...(byExtension.get(extension) ?? []), path]);
  }
  return [...byExtension].map(([extension, files]) => {
    const first = files[0] ?? '';
    const names = files.slice(0, 3).join(', ') + (files.length > 3 ? ', …' : '');
    return {
      severity: 'warning',
      code: 'unsupported-format',
      message: `${files.length} .${extension} ${files.length === 1 ? 'image is' : 'images are'} not read, since ${reasonOf(first) ?? 'the format is not known'}: ${names}.`,
      hint,
      file: first,
    };
  });
}

/** One problem for all names that are invalid UTF-8: they work here, but other programs may fail to open the files. */
export function notUtf8Problem(paths: readonly string[]): DatasetProblem[] {
  const first = paths[0];
  if (first === undefined) return [];
  const names = paths.slice(0, 3).map((path) => shownPath(path));
  if (paths.length > names.length) names.push(`${paths.length - names.length} more`);
  const what = paths.length === 1 ? 'name of an image or a folder is' : 'names of images or folders are';
  return [
    {
      severity: 'warning',
      code: 'name-not-utf8',
      message: `${paths.length} ${what} not UTF-8: ${names.join(', ')}. They are used as they are, but an editor cannot open them, nor can they be listed in a file.`,
      hint: `To convert them before a session begins: "convmv -r --notest -f GBK -t UTF-8 ${shownPath(dirname(first))}" (GBK for names from Chinese Windows, CP1252 from Western Europe, SHIFT-JIS from Japan).`,
    },
  ];
}
