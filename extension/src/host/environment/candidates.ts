/** Where a Python was found. */
export type PythonOrigin = 'setting' | 'private' | 'python-extension' | 'path';

export interface PythonCandidate {
  readonly origin: PythonOrigin;
  /** A path, or undefined to search `.venv` and the PATH. */
  readonly python: string | undefined;
}

export interface KnownPythons {
  readonly setting: string | undefined;
  readonly privateEnvironment: string | undefined;
  readonly pythonExtension: string | undefined;
}

/**
 * The Pythons to try, in order. If the user set one, only that one. The environment of this extension comes before the one
 * of the Python extension, since it was created for training.
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

/** The failure of the Python that is closest to working, which is the most helpful one to show. */
export function mostHelpfulFailure<E extends { readonly code: string }>(failures: readonly E[]): E | undefined {
  const order = ['packages-missing', 'trainer-broken', 'python-too-old', 'python-missing'];
  const rank = ({ code }: E): number => (order.includes(code) ? order.indexOf(code) : order.length);
  return failures.toSorted((a, b) => rank(a) - rank(b))[0];
}
