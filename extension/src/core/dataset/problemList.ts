import type { DatasetProblem, ProblemSeverity } from './types.ts';

const mostPerCode = 50;
const order: readonly ProblemSeverity[] = ['error', 'warning', 'info'];

/** Collects problems: keeps the first 50 of each code and counts the others, so that a large dataset needs little memory. */
export class ProblemList {
  readonly #kept: DatasetProblem[] = [];
  readonly #counts = new Map<string, number>();

  constructor(problems: Iterable<DatasetProblem> = []) {
    this.add(...problems);
  }

  add(...problems: readonly DatasetProblem[]): void {
    for (const problem of problems) {
      const { code, more = 1 } = problem;
      const count = (this.#counts.get(code) ?? 0) + more;
      this.#counts.set(code, count);
      if (problem.more === undefined && count <= mostPerCode) this.#kept.push(problem);
    }
  }

  /** Errors first, otherwise in the order of arrival: for each code the kept problems, then one that counts the others. */
  list(): DatasetProblem[] {
    const sorted = this.#kept.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
    for (const [code, count] of this.#counts) {
      const more = count - sorted.filter((problem) => problem.code === code).length;
      const at = sorted.findLastIndex((problem) => problem.code === code);
      const last = sorted[at];
      if (more === 0 || last === undefined) continue;
      const { severity, hint } = last;
      const message = `${more} more of the same kind: ${code}.`;
      sorted.splice(at + 1, 0, { severity, code, message, hint, more });
    }
    return sorted;
  }
}

/** The problems of a `ProblemList`. */
export function limitPerCode(problems: Iterable<DatasetProblem>): DatasetProblem[] {
  return new ProblemList(problems).list();
}
