import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseDataYaml } from '../../core/dataset/dataYaml.ts';
import { DatasetError } from '../../core/dataset/errors.ts';
import { limitPerCode } from '../../core/dataset/problemList.ts';
import type { DatasetProblem, DatasetSource, Split } from '../../core/dataset/types.ts';
import type { DatasetFiles, DatasetListing, ListedImage } from '../../workflow/ports/datasetFiles.ts';
import { ImageCollector, portabilityProblem, sharedLabelProblems, unsupportedProblems } from './imageCollector.ts';
import { convertHint, extensionOf, unsupportedReason } from './imageFormats.ts';
import { readImageList } from './imageList.ts';
import { probeImage } from './probeImage.ts';
import { baseFolder, kindOf, resolveSplitEntry } from './splitPaths.ts';
import { factsOf, walkImages, type WalkReport } from './walkImages.ts';

/** A listing that is in memory as it is. */
export interface WholeListing extends DatasetListing {
  readonly images: readonly ListedImage[];
}

export interface OwnDatasetFiles extends DatasetFiles {
  list(source: DatasetSource): Promise<WholeListing>;
}

/** Reads datasets from disk, in this process; see the port. The product reads in another (`createDatasetReader`). */
export function createDatasetFiles(): OwnDatasetFiles {
  return {
    list: (source) => new Lister().list(source),
    probe: probeImage,
    close: () => Promise.resolve(),
  };
}

/** One listing: what it found so far. */
class Lister {
  readonly #images = new ImageCollector();
  readonly #report: WalkReport = { problems: [], unsupported: [] };
  readonly #looked: string[] = [];

  async list(source: DatasetSource): Promise<WholeListing> {
    const { classNames, problems } =
      source.kind === 'yaml' ? await this.#listYaml(source.path) : await this.#listFolder(source);
    this.#images.keepTraining(source.path);
    for (const folder of source.poolFolders) await this.#addPool(resolve(folder));
    const images = this.#images.grouped();
    const unsupported = unsupportedProblems(this.#report.unsupported, extensionOf, unsupportedReason, convertHint);
    if (images.length === 0) {
      const looked = this.#looked.join(', ');
      const others = unsupported.length > 0 ? ` ${unsupported.map(({ message }) => message).join(' ')}` : '';
      const nothing = this.#report.problems[0]?.message;
      throw new DatasetError(
        'no-images',
        `The dataset ${source.path} has no image that is read. Looked in: ${looked}.${others}${nothing === undefined ? '' : ` ${nothing}`}`,
        `Check the paths in the description. ${convertHint}`,
        { where: source.path },
      );
    }
    return {
      classNames,
      roots: this.#images.roots,
      images,
      problems: limitPerCode([
        ...problems,
        ...this.#report.problems,
        ...this.#images.problems,
        ...unsupported,
        ...sharedLabelProblems(images),
        ...portabilityProblem(images),
      ]),
      hasValidationSplit: images.some((image) => image.split === 'val'),
    };
  }

  async #listYaml(path: string): Promise<{ classNames: readonly string[]; problems: DatasetProblem[] }> {
    const file = resolve(path);
    const yaml = parseDataYaml(await readDescription(file), file);
    const refused = yaml.problems.find(({ code }) => code === 'task-unsupported');
    if (refused) throw new DatasetError('task-unsupported', refused.message, refused.hint, { where: file });
    const { base, problems } = await baseFolder(yaml, file);
    this.#images.addRoot(base, 'dataset');
    // The strongest split first, so that its entry is the one that a leak is told against.
    for (const split of ['test', 'val', 'train'] as const) {
      const before = this.#images.images.length;
      for (const entry of yaml.splits[split]) await this.#addEntry(entry, base, split, file);
      if (split !== 'train' && yaml.splits[split].length > 0 && this.#images.images.length === before) {
        this.#report.problems.push({
          severity: 'warning',
          code: 'split-empty',
          message: `The ${split} split of ${file} (${yaml.splits[split].join(', ')}) holds no image.`,
          hint:
            split === 'val'
              ? 'A fifth of the labelled images is set aside for validation instead; or correct the path.'
              : 'Correct the path, or remove the entry.',
          file,
        });
      }
    }
    return { classNames: yaml.classNames, problems: [...yaml.problems, ...problems] };
  }

  async #listFolder(
    source: Extract<DatasetSource, { kind: 'folder' }>,
  ): Promise<{ classNames: readonly string[]; problems: DatasetProblem[] }> {
    const folder = resolve(source.path);
    if (source.classNames.length === 0 || source.classNames.some((name) => name.trim() === '')) {
      throw new DatasetError(
        'names-missing',
        `The image folder ${folder} has no class names, or one of them is empty.`,
        'Give the names of the classes, in the order of their ids.',
        { where: folder },
      );
    }
    await requireFolder(folder, 'image folder');
    this.#images.addRoot(folder, 'dataset');
    await this.#addFolder(folder, 'train');
    return { classNames: source.classNames, problems: [] };
  }

  async #addPool(folder: string): Promise<void> {
    await requireFolder(folder, 'pool folder');
    this.#images.addRoot(folder, 'pool');
    const before = this.#images.poolOverlap;
    await this.#addFolder(folder, 'pool');
    const overlap = this.#images.poolOverlap - before;
    if (overlap === 0) return;
    this.#report.problems.push({
      severity: 'info',
      code: 'pool-overlap',
      message: `${overlap} images of the pool folder ${folder} are part of the dataset already and stay in their split.`,
      hint: 'Nothing to do here.',
      file: folder,
    });
  }

  async #addEntry(entry: string, base: string, split: Split, file: string): Promise<void> {
    const { path, kind } = await resolveSplitEntry(entry, base);
    if (kind === 'folder') {
      await this.#addFolder(path, split);
    } else if (kind === 'file' && extensionOf(path) === 'txt') {
      await this.#addList(path, base, split);
    } else {
      this.#looked.push(path);
      const what = kind === 'missing' ? 'which is not there' : 'which is neither a folder nor a .txt list';
      const code = kind === 'missing' ? 'split-missing' : 'split-invalid';
      const message = `The ${split} split of ${file} names "${entry}" (${path}), ${what}.`;
      const hint =
        'Correct the entry: a folder of images or a .txt list, relative to "path" or to the folder of data.yaml. If the dataset was moved, tell where it is now.';
      // Without validation images some are set aside; without training images nothing can be done.
      if (split === 'train') throw new DatasetError(code, message, hint, { where: file });
      this.#report.problems.push({ severity: 'error', code, message, hint, file });
    }
  }

  async #addFolder(folder: string, split: Split): Promise<void> {
    this.#looked.push(folder);
    for await (const file of walkImages(folder, this.#report)) this.#images.add(file, split, folder);
  }

  async #addList(list: string, base: string, split: Split): Promise<void> {
    this.#looked.push(list);
    const { lines, unsupported, problems } = await readImageList(list, base);
    this.#report.unsupported.push(...unsupported);
    this.#report.problems.push(...problems);
    for (const { path, line } of lines) {
      const missing: DatasetProblem[] = [];
      const file = await factsOf(path, { problems: missing });
      if (file) this.#images.add(file, split, list);
      const where = (problem: DatasetProblem): DatasetProblem => ({
        ...problem,
        message: `Line ${line} of ${list}: ${problem.message}`,
        file: list,
        line,
      });
      this.#report.problems.push(...missing.map(where));
    }
  }
}

async function readDescription(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new DatasetError(
      missing ? 'description-missing' : 'description-unreadable',
      missing
        ? `There is no dataset description ${file}.`
        : `The dataset description ${file} cannot be read (${code}).`,
      missing
        ? 'Choose a data.yaml, or a folder of images with class names. If the dataset was moved, tell where it is now.'
        : 'It must be a file that you may read.',
      { where: file, cause },
    );
  }
}

async function requireFolder(folder: string, what: string): Promise<void> {
  const kind = await kindOf(folder);
  if (kind === 'folder') return;
  throw new DatasetError(
    'folder-missing',
    kind === 'file' ? `The ${what} ${folder} is a file.` : `The ${what} ${folder} is not there.`,
    'Choose a folder of images. If it was moved, tell where it is now.',
    { where: folder },
  );
}
