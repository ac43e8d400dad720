import { isAlias, isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document, type YAMLMap } from 'yaml';
import { DatasetError } from './errors.ts';
import { mostDescriptionBytes, mostDescriptionEntries } from './limits.ts';
import { PlainScalar } from './yamlScalars.ts';

export const dataYamlExample =
  'A data.yaml looks like this: "train: images/train", "val: images/val", "names: [scratch, dent]".';

/** The entries of a description; merge keys and aliases are resolved. */
export interface DataYamlTree {
  /** Texts in quotes as `string`, all other scalars as `PlainScalar`, lists as arrays, maps as objects. */
  readonly entries: Readonly<Record<string, unknown>>;
  /** The line of a key, 1-based; `undefined` if it comes from a merge key. */
  readonly lines: ReadonlyMap<string, number>;
  /** Keys whose value is used elsewhere through an alias. */
  readonly anchored: ReadonlySet<string>;
}

/**
 * Parses the text of a data.yaml into its entries.
 * @throws DatasetError `file-too-large`, `yaml-syntax`, `yaml-not-a-map`.
 */
export function readDataYamlTree(text: string, file: string): DataYamlTree {
  requireBounded(text, file);
  const lines = new LineCounter();
  const document = parsed(text.replace(/^\uFEFF/u, ''), lines, file);
  const error = document.errors[0];
  if (error) {
    const deep = error.code === 'RESOURCE_EXHAUSTION';
    throw syntaxError(file, lines, error.pos[0], deep ? 'it is nested too deeply' : error.message, error);
  }
  const root = document.contents;
  if (!isMap(root)) {
    const empty = root === null || (isScalar(root) && root.value === '');
    const what = empty ? 'is empty' : 'is no list of "key: value" lines';
    throw new DatasetError('yaml-not-a-map', `${file} ${what}.`, dataYamlExample, { where: file });
  }
  requireUniqueKeys(document, lines, file);
  refuseTags(document, lines, file);
  markPlainScalars(document, lines);
  try {
    const entries = document.toJS({ maxAliasCount: 100 }) as Readonly<Record<string, unknown>>;
    return { entries, lines: keyLines(root, lines), anchored: anchoredKeys(root) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatasetError(
      'yaml-syntax',
      `${file} cannot be read: ${reason}.`,
      'Write it without aliases ("*name") and merge keys ("<<").',
      { where: file, cause },
    );
  }
}

function requireBounded(text: string, file: string): void {
  let entries = 0;
  for (let at = 0; at < text.length && entries <= mostDescriptionEntries; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 44) entries++;
  }
  if (text.length <= mostDescriptionBytes && entries <= mostDescriptionEntries) return;
  throw new DatasetError(
    'file-too-large',
    `${file} is too long for a dataset description: at most ${mostDescriptionBytes / 1024 / 1024} MB and ${mostDescriptionEntries.toLocaleString('en')} lines and commas are read.`,
    'Choose the data.yaml of the dataset; lists of images belong into .txt files.',
    { where: file },
  );
}

function parsed(text: string, lineCounter: LineCounter, file: string): Document.Parsed {
  try {
    // Scalars get no type here: "0123" must stay as written. Duplicate keys are found below, because the library's
    // check takes quadratic time.
    return parseDocument(text, {
      schema: 'failsafe',
      merge: true,
      uniqueKeys: false,
      lineCounter,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (cause) {
    // Deeply nested brackets exhaust the stack.
    throw new DatasetError(
      'yaml-syntax',
      `${file} is not valid YAML: ${cause instanceof RangeError ? 'it is nested too deeply' : String(cause)}.`,
      dataYamlExample,
      { where: file, cause },
    );
  }
}

function syntaxError(file: string, lines: LineCounter, at: number, reason: string, cause?: Error): DatasetError {
  const { line, col } = lines.linePos(at);
  return new DatasetError(
    'yaml-syntax',
    `${file} is not valid YAML: line ${line}, column ${col}: ${reason}.`,
    'Correct that line; indent with spaces, not with tabs, and quote names that hold ":" or "#".',
    { where: `${file}:${line}:${col}`, cause },
  );
}

function requireUniqueKeys(document: Document.Parsed, lines: LineCounter, file: string): void {
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key) || typeof key.value !== 'string') continue;
        if (seen.has(key.value)) {
          throw syntaxError(file, lines, key.range?.[0] ?? 0, `Map keys must be unique; "${key.value}" is there twice`);
        }
        seen.add(key.value);
      }
    },
  });
}

const plainTag = /^(?:!|tag:yaml\.org,2002:\w+)$/u;

/** PyYAML's safe loader, which Ultralytics reads descriptions with, refuses every tag except YAML's own. */
function refuseTags(document: Document.Parsed, lines: LineCounter, file: string): void {
  visit(document, {
    Node(_key, { tag, range }) {
      if (tag === undefined || plainTag.test(tag)) return;
      const shown = tag.length > 100 ? `${tag.slice(0, 100)}…` : tag;
      throw syntaxError(
        file,
        lines,
        range?.[0] ?? 0,
        `the tag ${shown} stands for an object of a program, and none is made`,
      );
    },
  });
}

function markPlainScalars(document: Document.Parsed, lines: LineCounter): void {
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || node.tag !== undefined) return;
      const plain = node.type === 'PLAIN' || node.type === undefined;
      if (plain) node.value = new PlainScalar(node.value, lines.linePos(node.range?.[0] ?? 0).line);
    },
  });
}

function keyLines(root: YAMLMap, lines: LineCounter): Map<string, number> {
  const found = new Map<string, number>();
  for (const { key } of root.items) {
    if (isScalar(key) && typeof key.value === 'string') found.set(key.value, lines.linePos(key.range?.[0] ?? 0).line);
  }
  return found;
}

function anchoredKeys(root: YAMLMap): Set<string> {
  return new Set(
    root.items.flatMap(({ key, value }) =>
      isScalar(key) && isNode(value) && !isAlias(value) && value.anchor !== undefined ? [String(key.value)] : [],
    ),
  );
}
