/** Where a Python comes from. */
export type PythonOrigin = 'setting' | 'private' | 'python-extension' | 'path';

export interface PythonCandidate {
  readonly origin: PythonOrigin;
  /** A path, or undefined for the search through `.venv` and the PATH. */
  readonly python: string | undefined;
}

export interface KnownPythons {
  readonly setting: string | undefined;
  readonly privateEnvironment: string | undefined;
  readonly pythonExtension: string | undefined;
}

/**
 * The Pythons to try, in order. A setting is the user's word: nothing else is tried beside it. The product's own
 * environment comes before the one of the Python extension, since it was made for training.
 */
export function pythonCandidates(known: KnownPythons): readonly PythonCandidate[] {
  if (known.setting !== undefined) return [{ origin: 'setting', python: known.setting }];
  const candidates: PythonCandidate[] = [];
  const add = (origin: PythonOrigin, python: string | undefined): void => {
    if (python !== undefined && !candidates.some((candidate) => candidate.python === python)) {
      candidates.push({ origin, python });
    }
  };
  add('private', known.privateEnvironment);
  add('python-extension', known.pythonExtension);
  return [...candidates, { origin: 'path', python: undefined }];
}

/** Of several failures the one that is nearest to a Python that works: that one is worth telling. */
export function nearestFailure<E extends { readonly code: string }>(failures: readonly E[]): E | undefined {
  const order = ['packages-missing', 'trainer-broken', 'python-too-old', 'python-missing'];
  const rank = ({ code }: E): number => (order.includes(code) ? order.indexOf(code) : order.length);
  return failures.toSorted((a, b) => rank(a) - rank(b))[0];
}
