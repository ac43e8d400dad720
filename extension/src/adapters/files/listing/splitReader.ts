import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatasetError } from '../../../core/dataset/errors.ts';
import type { DatasetProblem, Split } from '../../../core/dataset/types.ts';
import { shortened } from '../../../core/dataset/yamlScalars.ts';
import { isPseudo } from './forbiddenFolders.ts';
import type { ImageCollector } from './imageCollector.ts';
import { unsupportedProblems } from './imageCollector.ts';
import { convertHint, extensionOf, unsupportedReason } from '../images/imageFormats.ts';
import { needlessPrefix, readImageList } from './imageList.ts';
import { throwIfCancelled } from '../reader/readerErrors.ts';
import { missingPathHint, resolveSplitEntry } from './splitPaths.ts';
import { factsOf, walkImages, type WalkReport } from './walkImages.ts';

/** Number of missing files after which a list without any existing file is abandoned. */
const mostMissingLines = 1000;
/** Number of missing files to report individually. */
const mostReportedLines = 100;

/** Finds the images of splits and folders, and passes them to the collector. */
export class SplitReader {
  readonly report: WalkReport = { problems: [], unsupported: [], notUtf8: [], texts: [] };
  /** Folders and lists that were read. */
  readonly looked: string[] = [];
  readonly #images: ImageCollector;
  readonly #signal: AbortSignal | undefined;
  readonly #realFolders = new Map<string, Promise<string>>();

  constructor(images: ImageCollector, signal: AbortSignal | undefined) {
    this.#images = images;
    this.#signal = signal;
  }

  /** The splits of a description. @param problems known problems with `base`. */
  of(file: string, base: string, problems: readonly DatasetProblem[]): DescribedSplits {
    return new DescribedSplits(this, file, base, problems);
  }

  /** @returns the number of images in the folder and its subfolders. @throws DatasetError `folder-refused`. */
  async addFolder(folder: string, split: Split): Promise<number> {
    this.looked.push(folder);
    let count = 0;
    for await (const file of walkImages(folder, this.report, this.#signal)) {
      this.#images.add(file, split, folder);
      count++;
    }
    return count;
  }

  /** @returns the number of existing images in the list, and the number and first of the missing ones. */
  async addList(list: string, base: string, split: Split): Promise<ListCount> {
    this.looked.push(list);
    const count: ListCount = { found: 0, missing: 0, first: null, other: null };
    for await (const line of readImageList(list, base)) {
      throwIfCancelled(this.#signal);
      if (line.kind === 'unsupported') {
        this.report.unsupported.push(line.path);
        continue;
      }
      const problems: DatasetProblem[] = line.kind === 'other' ? [line.problem] : [];
      const file =
        line.kind === 'image' ? await factsOf(line.path, await this.#realFolder(line.path), { problems }) : null;
      if (file !== null) {
        this.#images.add(file, split, list);
        count.found++;
        continue;
      }
      count.missing++;
      if (line.kind === 'other') count.other ??= line.problem.message;
      else {
        count.first ??= { entry: line.entry, path: line.path, line: line.line };
        for (const [i, problem] of problems.entries()) {
          const message = `Line ${line.line} of ${list}: ${problem.message}`;
          problems[i] = { ...problem, message, file: list, line: line.line };
        }
      }
      if (count.missing <= mostReportedLines) this.report.problems.push(...problems);
      if (count.found === 0 && count.missing >= mostMissingLines) break;
    }
    if (count.found > 0 && count.missing > mostReportedLines) {
      this.report.problems.push({
        severity: 'warning',
        code: 'list-incomplete',
        message: `${count.missing} lines of ${list} name no image that is there.`,
        hint: 'Put the images back, or remove these lines.',
        file: list,
      });
    }
    return count;
  }

  #realFolder(path: string): Promise<string> {
    const folder = dirname(path);
    const known = this.#realFolders.get(folder);
    if (known) return known;
    const real = realpath(folder).catch(() => folder);
    this.#realFolders.set(folder, real);
    return real;
  }
}

interface ListCount {
  found: number;
  missing: number;
  /** The first line whose image is missing. */
  first: { readonly entry: string; readonly path: string; readonly line: number } | null;
  /** A message about the first line that names something other than an image. */
  other: string | null;
}

/** Reads the splits of one description exactly as written, or reports an error. */
class DescribedSplits {
  readonly #reader: SplitReader;
  readonly #file: string;
  readonly #base: string;
  readonly #baseProblems: readonly DatasetProblem[];
  /** Why entries of the current split have no images. */
  #reasons: string[] = [];

  constructor(reader: SplitReader, file: string, base: string, baseProblems: readonly DatasetProblem[]) {
    this.#reader = reader;
    this.#file = file;
    this.#base = base;
    this.#baseProblems = baseProblems;
  }

  /**
   * Rejects a val split that is missing, empty or incomplete, because the model would be evaluated on other images. Only
   * warns about the test split, which is not used.
   * @throws DatasetError `split-missing`, `split-invalid`, `split-empty`, `split-incomplete`, `folder-refused`.
   */
  async read(split: 'val' | 'test', entries: readonly string[]): Promise<void> {
    if (entries.length === 0) return;
    const before = this.#marks();
    const empty = await this.#readEntries(split, entries);
    if (split === 'val') {
      if (empty !== null) throw empty;
      this.#requireWhole(before);
    } else if (empty !== null) this.#warn(empty);
  }

  /**
   * @returns the error if there are no training images; otherwise `null`.
   * @throws DatasetError `split-missing`, `split-invalid`, `folder-refused`.
   */
  async readTraining(entries: readonly string[]): Promise<DatasetError | null> {
    return this.#readEntries('train', entries);
  }

  async #readEntries(split: DescribedSplit, entries: readonly string[]): Promise<DatasetError | null> {
    if (isPseudo(await realpath(this.#base).catch(() => this.#base))) throw this.#pseudoBase();
    this.#reasons = [];
    const before = this.#marks();
    let found = 0;
    for (const entry of entries) found += await this.#readEntry(entry, split);
    if (found > 0) return null;
    const names = entries.slice(0, 5).map((entry) => shortened(entry));
    const { hint, reasons } = await this.#whyEmpty(before);
    return new DatasetError(
      'split-empty',
      [`The ${split} split of ${this.#file} (${names.join(', ')}) holds no image.`, ...reasons].join(' '),
      hint ??
        (split === 'val'
          ? 'Correct the entry, or remove it: then a fifth of the labelled images is set aside for validation.'
          : 'Correct the entry: a folder of images or a .txt list, relative to "path" or to the folder of data.yaml.'),
      { where: this.#file },
    );
  }

  async #readEntry(entry: string, split: DescribedSplit): Promise<number> {
    const { path, kind } = await resolveSplitEntry(entry, this.#base);
    if (kind === 'folder') {
      const count = await this.#reader.addFolder(path, split);
      if (count === 0) this.#reasons.push(`${path} and the folders below have none.`);
      return count;
    }
    if (kind === 'file' && extensionOf(path) === 'txt') return this.#readList(path, split);
    this.#reader.looked.push(path);
    const what = kind === 'missing' ? 'which is not there' : 'which is neither a folder nor a .txt list';
    const error = new DatasetError(
      kind === 'missing' ? 'split-missing' : 'split-invalid',
      [
        `The ${split} split of ${this.#file} names "${shortened(entry)}" (${shortened(path)}), ${what}.`,
        ...this.#baseProblems.map(({ message }) => message),
      ].join(' '),
      [
        'Correct the entry: a folder of images or a .txt list, relative to "path" or to the folder of data.yaml. If the dataset was moved, set its new location.',
        missingPathHint(entry),
      ]
        .join(' ')
        .trim(),
      { where: this.#file },
    );
    if (split !== 'test') throw error;
    this.#warn(error);
    return 0;
  }

  async #readList(list: string, split: DescribedSplit): Promise<number> {
    const { found, missing, first, other } = await this.#reader.addList(list, this.#base, split);
    if (missing === 0) {
      if (found === 0) this.#reasons.push(`${list} names none.`);
      return found;
    }
    const named = first === null ? other : `Line ${first.line} names "${shortened(first.entry)}" (${first.path}).`;
    const example = named === null ? '' : ` ${named}`;
    const prefix = first === null ? null : await needlessPrefix(first.entry, list, this.#base);
    const way =
      prefix === null ? '' : ` Without "${prefix}" at the beginning the file is there: remove it from the lines.`;
    if (found === 0) {
      this.#reasons.push(`No line of ${list} names an image that is there.${example}${way}`);
      return 0;
    }
    if (split === 'val') {
      throw new DatasetError(
        'split-incomplete',
        `${missing} ${missing === 1 ? 'line' : 'lines'} of ${list}, a list of the val split of ${this.#file}, ${missing === 1 ? 'names' : 'name'} no image that is there (${found} do).${example}${way}`,
        'Put the images back, or remove these lines: the validation images are exactly those that the file names.',
        { where: list },
      );
    }
    return found;
  }

  /** Rejects a split with unreadable images, which would otherwise be missing silently. */
  #requireWhole(before: Marks): void {
    const lost = this.#reader.report.problems
      .slice(before.problems)
      .filter(({ code }) => code.startsWith('folder-') || code === 'image-missing');
    const first = lost[0];
    if (first === undefined) return;
    const more = lost.length === 1 ? '' : ` There are ${lost.length - 1} more such problems.`;
    throw new DatasetError(
      'split-incomplete',
      `The val split of ${this.#file} lacks images that it names. ${first.message}${more}`,
      first.hint,
      { where: first.file ?? this.#file },
    );
  }

  /** The current numbers of reported problems. */
  #marks(): Marks {
    const { problems, unsupported } = this.#reader.report;
    return { problems: problems.length, unsupported: unsupported.length };
  }

  async #whyEmpty(before: Marks): Promise<{ hint: string | undefined; reasons: string[] }> {
    const { problems, unsupported } = this.#reader.report;
    const unreadable = [
      ...unsupportedProblems(unsupported.slice(before.unsupported), extensionOf, unsupportedReason, convertHint),
    ];
    const folders = problems.slice(before.problems).filter(({ code }) => code.startsWith('folder-'));
    const reported = [...unreadable, ...folders.slice(0, 2)];
    return {
      hint: reported[0]?.hint,
      reasons: [...this.#reasons.slice(0, 3), ...reported.map(({ message }) => message)],
    };
  }

  #warn({ code, message, hint }: DatasetError): void {
    this.#reader.report.problems.push({ severity: 'warning', code, message, hint, file: this.#file });
  }

  #pseudoBase(): DatasetError {
    return new DatasetError(
      'folder-refused',
      `The "path" of ${this.#file} is ${this.#base}, which is no place of files but a view of the system.`,
      'Name the folder of the dataset, or remove "path" if the images lie beside data.yaml.',
      { where: this.#file },
    );
  }
}

type Marks = Readonly<Record<'problems' | 'unsupported', number>>;
type DescribedSplit = Exclude<Split, 'pool'>;
