export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface VitestResult {
  readonly counts: Counts;
  /** What failed and why, a line each. */
  readonly failures: readonly string[];
  readonly failedFiles: readonly { readonly name: string; readonly counts: Counts }[];
}

/** The part of vitest's JSON report that counts need. */
interface VitestFile {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName?: string;
    readonly failureMessages?: readonly string[];
  }[];
}

const none: Counts = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

export function subtractCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed - b.passed, failed: a.failed - b.failed, skipped: a.skipped - b.skipped };
}

/** One file of vitest's JSON report. A file that did not load, or whose hooks failed, counts as one failure. */
function fileCounts(file: VitestFile): Counts {
  const count = (...statuses: string[]): number =>
    file.assertionResults.filter(({ status }) => statuses.includes(status)).length;
  const failed = count('failed');
  return {
    passed: count('passed'),
    failed: file.status === 'failed' && failed === 0 ? 1 : failed,
    skipped: count('pending', 'skipped', 'todo', 'disabled'),
  };
}

/** The failed tests of a file, or the file itself if a hook or its loading failed. */
function failuresOf({ name, status, message, assertionResults }: VitestFile): string[] {
  const line = (title: string, reason: string | undefined): string =>
    `${name} > ${title}: ${(reason ?? '').split('\n', 1)[0]}`;
  const failed = assertionResults.filter((result) => result.status === 'failed');
  if (failed.length === 0 && status === 'failed') return [line('whole file', message)];
  return failed.map(({ fullName = '', failureMessages }) => line(fullName, failureMessages?.[0]));
}

/** Counts of vitest's JSON report, and those of each file with a failure, by its path. */
export function vitestResult(text: string): VitestResult {
  const { testResults } = JSON.parse(text) as { testResults: readonly VitestFile[] };
  const files = testResults.map((file) => ({ name: file.name, counts: fileCounts(file) }));
  return {
    counts: files.reduce((sum, { counts }) => addCounts(sum, counts), none),
    failures: testResults.flatMap(failuresOf),
    failedFiles: files.filter(({ counts }) => counts.failed > 0),
  };
}

/** Counts of pytest's JUnit report. */
export function pytestCounts(xml: string): Counts {
  const suite = /<testsuite [^>]*>/.exec(xml)?.[0] ?? '';
  const number = (name: string): number => Number(new RegExp(`${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = number('failures') + number('errors');
  return { passed: number('tests') - failed - number('skipped'), failed, skipped: number('skipped') };
}
