import { resolve } from 'node:path';
import { parseDataYaml } from '../../../core/dataset/dataYaml.ts';
import { classNameProblems } from '../../../core/dataset/dataYamlNames.ts';
import { DatasetError } from '../../../core/dataset/errors.ts';
import { mostDescriptionBytes } from '../../../core/dataset/limits.ts';
import { limitPerCode } from '../../../core/dataset/problemList.ts';
import type { DatasetProblem, DatasetSource } from '../../../core/dataset/types.ts';
import type { DatasetFiles, DatasetListing, ListedImage } from '../../../workflow/ports/datasetFiles.ts';
import {
  ImageCollector,
  notUtf8Problem,
  portabilityProblem,
  sharedLabelProblems,
  unsupportedProblems,
} from './imageCollector.ts';
import { convertHint, extensionOf, unsupportedReason } from '../images/imageFormats.ts';
import { orphanLabelProblem } from '../orphanLabels.ts';
import { probeImage } from '../images/probeImage.ts';
import { baseFolder, kindOf } from './splitPaths.ts';
import { SplitReader } from './splitReader.ts';
import { readTextFile } from '../textFile.ts';
import { writePng } from '../images/writePng.ts';

/** A listing that is completely in memory. */
export interface WholeListing extends DatasetListing {
  readonly images: readonly ListedImage[];
}

export interface OwnDatasetFiles extends DatasetFiles {
  list(source: DatasetSource, signal?: AbortSignal): Promise<WholeListing>;
}

/** Reads datasets from disk in this process; see the port. The product uses another process (`createDatasetReader`). */
export function createDatasetFiles(): OwnDatasetFiles {
  return {
    list: (source, signal) => new Lister(signal).list(source),
    probe: probeImage,
    writePng,
    close: () => Promise.resolve(),
  };
}

/** The state of one listing. */
class Lister {
  readonly #images = new ImageCollector();
  readonly #reader: SplitReader;

  constructor(signal: AbortSignal | undefined) {
    this.#reader = new SplitReader(this.#images, signal);
  }

  async list(source: DatasetSource): Promise<WholeListing> {
    const { classNames, problems, trainIsEmpty } =
      source.kind === 'yaml' ? await this.#listYaml(source.path) : await this.#listFolder(source);
    this.#images.keepTraining(source.path);
    for (const folder of source.poolFolders) await this.#addPool(resolve(folder));
    const images = this.#images.grouped();
    const { report, looked } = this.#reader;
    const unsupported = unsupportedProblems(report.unsupported, extensionOf, unsupportedReason, convertHint);
    const unreadable = [...notUtf8Problem(report.notUtf8), ...unsupported];
    if (images.length === 0) {
      const others = [...unreadable, ...report.problems.slice(0, 1)].map(({ message }) => ` ${message}`).join('');
      throw new DatasetError(
        'no-images',
        `The dataset ${source.path} has no image that is read. Looked in: ${looked.join(', ')}.${others}`,
        unreadable[0]?.hint ??
          'Check the paths in the description; JPEG, PNG, WebP, AVIF, TIFF and BMP images are read.',
        { where: source.path },
      );
    }
    // An empty train split is allowed only if the images are in the pool, as in a dataset without labels.
    if (trainIsEmpty !== null) {
      if (images.every(({ split }) => split !== 'pool')) throw trainIsEmpty;
      const { message, hint } = trainIsEmpty;
      report.problems.push({ severity: 'warning', code: 'split-empty', message, hint, file: source.path });
    }
    const orphans = await orphanLabelProblem({
      images: images.map(({ absolutePath }) => absolutePath),
      sources: looked,
      roots: this.#images.roots.map(({ path }) => path),
      texts: report.texts,
    });
    return {
      classNames,
      roots: this.#images.roots,
      images,
      problems: limitPerCode([
        ...problems,
        ...report.problems,
        ...this.#images.problems,
        ...unreadable,
        ...sharedLabelProblems(images),
        ...orphans,
        ...portabilityProblem(images),
      ]),
      hasValidationSplit: images.some((image) => image.split === 'val'),
    };
  }

  async #listYaml(path: string): Promise<Described> {
    const file = resolve(path);
    const yaml = parseDataYaml(await readDescription(file), file);
    const refused = yaml.problems.find(({ code }) => code === 'task-unsupported');
    if (refused) throw new DatasetError('task-unsupported', refused.message, refused.hint, { where: file });
    const { base, problems } = await baseFolder(yaml, file);
    this.#images.addRoot(base, 'dataset');
    const reader = this.#reader.of(file, base, problems);
    // Read val and test before train: ImageCollector keeps the first split that names an image.
    for (const split of ['val', 'test'] as const) await reader.read(split, yaml.splits[split]);
    const trainIsEmpty = await reader.readTraining(yaml.splits.train);
    return { classNames: yaml.classNames, problems: [...yaml.problems, ...problems], trainIsEmpty };
  }

  async #listFolder(source: Extract<DatasetSource, { kind: 'folder' }>): Promise<Described> {
    const folder = resolve(source.path);
    if (source.classNames.length === 0 || source.classNames.some((name) => name.trim() === '')) {
      throw new DatasetError(
        'names-missing',
        `The image folder ${folder} has no class names, or one of them is empty.`,
        'Give the names of the classes, in the order of their ids, or the data.yaml that holds them.',
        { where: folder },
      );
    }
    await requireFolder(folder, 'image folder');
    this.#images.addRoot(folder, 'dataset');
    await this.#reader.addFolder(folder, 'train');
    const { classNames } = source;
    return { classNames, problems: classNameProblems(classNames, folder), trainIsEmpty: null };
  }

  async #addPool(folder: string): Promise<void> {
    await requireFolder(folder, 'pool folder');
    this.#images.addRoot(folder, 'pool');
    const before = this.#images.poolOverlap;
    await this.#reader.addFolder(folder, 'pool');
    const overlap = this.#images.poolOverlap - before;
    if (overlap === 0) return;
    this.#reader.report.problems.push({
      severity: 'info',
      code: 'pool-overlap',
      message: `${overlap} images of the pool folder ${folder} are part of the dataset already and stay in their split.`,
      hint: 'Nothing to do here.',
      file: folder,
    });
  }
}

interface Described {
  readonly classNames: readonly string[];
  readonly problems: readonly DatasetProblem[];
  /** The error if there are no training images; otherwise `null`. */
  readonly trainIsEmpty: DatasetError | null;
}

async function readDescription(file: string): Promise<string> {
  try {
    return (await readTextFile(file, mostDescriptionBytes)).text;
  } catch (cause) {
    if (cause instanceof DatasetError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new DatasetError(
      missing ? 'description-missing' : 'description-unreadable',
      missing
        ? `There is no dataset description ${file}.`
        : `The dataset description ${file} cannot be read (${code}).`,
      missing
        ? `Choose a data.yaml, or a folder of images with class names. If the dataset was moved, set its new location.${damagedHint(file)}`
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
    kind === 'missing' ? `The ${what} ${folder} is not there.` : `The ${what} ${folder} is a file.`,
    `Choose a folder of images. If it was moved, set its new location.${damagedHint(folder)}`,
    { where: folder },
  );
}

/** The hint for a path with replacement characters: the command line loses bytes that are invalid UTF-8. */
function damagedHint(path: string): string {
  return path.includes('\uFFFD')
    ? ' If a name of the path is not UTF-8, convert it with convmv, or rename the folder.'
    : '';
}
