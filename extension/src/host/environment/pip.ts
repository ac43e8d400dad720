import type { Localiser } from '../text/localiser.ts';

/** The hardware that packages are built for. */
export type ComputeKind = 'cpu' | 'cuda' | 'default';

/** The package sources in the user's pip configuration. */
export interface PipSources {
  /** An index that replaces PyPI. */
  readonly index: string | undefined;
  /** Whether there are more sources. */
  readonly others: boolean;
}

export interface PipPlan {
  /**
   * Further indexes that may have the PyTorch build; the first match is used. Empty if PyPI or the user's index is
   * enough.
   */
  readonly indexes: readonly string[];
  /** The hosts to contact, for the confirmation. */
  readonly hosts: readonly string[];
  /** The arguments that update pip in the environment. */
  readonly updatePip: readonly string[];
  /**
   * The arguments of the call that installs all packages.
   * @param resumes whether this pip can resume downloads.
   */
  install(index: string | undefined, resumes: boolean): readonly string[];
}

const pytorchIndex = 'https://download.pytorch.org/whl';
/**
 * pip can resume downloads from 25.1 on, and then distinguishes a partial download from a modified package. The pip that
 * comes with Python may be years old and reports a hash mismatch for a partial file.
 */
const pipVersion = '25.3';
const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];

/** Newest first. Each PyTorch version supports some of them. */
const cudaBuilds = ['cu132', 'cu130', 'cu128', 'cu126'];

/** The available PyTorch builds; on a Mac there is only one. */
export function computeChoices(platform: NodeJS.Platform): readonly ComputeKind[] {
  return platform === 'darwin' ? ['default'] : ['cpu', 'cuda'];
}

/**
 * One pip call for all packages, so that no package replaces the torch build of another one. PyPI has the CUDA build for
 * Linux and the CPU build for Windows and macOS; other builds come from PyTorch's index. If the user replaced PyPI with
 * another index, only that one is used.
 */
export function pipPlan(
  requirements: string,
  kind: ComputeKind,
  platform: NodeJS.Platform,
  sources: PipSources,
): PipPlan {
  const builds =
    sources.index !== undefined || kind === 'default'
      ? []
      : kind === 'cpu' && platform === 'linux'
        ? ['cpu']
        : kind === 'cuda' && platform === 'win32'
          ? cudaBuilds
          : [];
  return {
    indexes: builds.map((build) => `${pytorchIndex}/${build}`),
    hosts:
      sources.index === undefined
        ? ['pypi.org', 'files.pythonhosted.org', ...(builds.length === 0 ? [] : [hostOf(pytorchIndex)])]
        : [hostOf(sources.index)],
    // Without limits, pip tries an unreachable index five times, for half a minute.
    updatePip: ['-m', 'pip', 'install', ...quiet, '--retries', '2', '--timeout', '15', `pip==${pipVersion}`],
    install: (index, resumes) => {
      const resume = resumes ? ['--resume-retries', '5'] : [];
      const extra = index === undefined ? [] : ['--extra-index-url', index];
      return ['-m', 'pip', 'install', ...quiet, ...resume, ...extra, '-r', requirements];
    },
  };
}

/**
 * Whether the output of `pip index versions torch` shows that the index has a version. Other sources of the user's
 * configuration appear in the same output, so only the warnings reveal a broken connection.
 */
export function indexHolds(answer: string, version: string): boolean {
  if (/Retrying \(|connection broken|Could not fetch URL/i.test(answer)) return false;
  const versions = /^Available versions: (.*)$/m.exec(answer)?.[1]?.split(', ') ?? [];
  return versions.some((known) => known === version || known.startsWith(`${version}+`));
}

/** Reads the package sources from `pip config list` and the environment variables. */
export function pipSources(config: string, variables: Readonly<Record<string, string | undefined>>): PipSources {
  const setting = (name: string): string | undefined => {
    const variable = variables[`PIP_${name.toUpperCase().replaceAll('-', '_')}`];
    if (variable !== undefined && variable !== '') return variable;
    return new RegExp(`^(?:global|install|site|user)\\.${name}='(.+)'$`, 'm').exec(config)?.[1];
  };
  return {
    index: setting('index-url'),
    others: ['extra-index-url', 'find-links', 'no-index'].some((name) => setting(name) !== undefined),
  };
}

/** The host of an index URL; anything else, such as a folder, is returned unchanged. */
export function hostOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).host : '';
  return host === '' ? url : host;
}

/** The progress message for a line of pip's output; null for other lines. */
export function pipProgress(l10n: Localiser, line: string): string | null {
  const collecting = /^Collecting ([\w.-]+)/.exec(line.trim());
  if (collecting?.[1] !== undefined) return l10n.t('Looking for {0}', collecting[1]);
  const downloading = /^Downloading (\S+)(?: \(([^)]+)\))?/.exec(line.trim());
  if (downloading?.[1] !== undefined) {
    const name = /^[A-Za-z0-9_.]+(?=-)/.exec(downloading[1].split('/').at(-1) ?? '')?.[0] ?? downloading[1];
    return downloading[2] === undefined
      ? l10n.t('Downloading {0}', name)
      : l10n.t('Downloading {0} ({1})', name, downloading[2]);
  }
  if (line.startsWith('Installing collected packages')) return l10n.t('Installing packages (this takes a few minutes)');
  return null;
}

/** Why an installation failed, and what to do. */
export interface PipFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const patterns: readonly {
  readonly pattern: RegExp;
  readonly code: string;
  explain(l10n: Localiser): Omit<PipFailure, 'code'>;
}[] = [
  {
    pattern: /No space left on device|ENOSPC|not enough space/i,
    code: 'disk-full',
    explain: (l10n) => ({
      message: l10n.t('The disk is full.'),
      hint: l10n.t(
        'The setup needs about 2 GB of disk space, or about 9 GB with CUDA. Free up disk space, then try again.',
      ),
    }),
  },
  {
    pattern:
      /not enough bytes were received|IncompleteRead|Download failed after|ChunkedEncodingError|ProtocolError|Connection reset/i,
    code: 'network-cut',
    explain: (l10n) => ({
      message: l10n.t('The connection was repeatedly lost during a download.'),
      hint: l10n.t('Try again when the network is stable. Completed downloads are reused.'),
    }),
  },
  {
    pattern: /DO NOT MATCH THE HASHES/i,
    code: 'package-altered',
    explain: (l10n) => ({
      message: l10n.t('A downloaded package does not match the hash in its index.'),
      hint: l10n.t(
        'A proxy or mirror may have changed the package, or someone tampered with it. Do not install it; ask the administrator of your package index. The log names the package. pip before 25.1 reports the same error if a download was cut off.',
      ),
    }),
  },
  {
    pattern: /ensurepip is not available|No module named '?(venv|ensurepip)|python3-venv/i,
    code: 'venv-missing',
    explain: (l10n) => ({
      message: l10n.t('This Python cannot create virtual environments.'),
      hint: l10n.t('On Debian and Ubuntu, install the python3-venv package, then try again.'),
    }),
  },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|SSLError/i,
    code: 'network-certificate',
    explain: (l10n) => ({
      message: l10n.t('The certificate of the package index is not trusted.'),
      hint: l10n.t('A proxy may intercept the connection. Set its certificate in pip (pip config set global.cert).'),
    }),
  },
  {
    pattern:
      /Temporary failure in name resolution|Name or service not known|getaddrinfo failed|Connection refused|Network is unreachable|NewConnectionError|ConnectTimeoutError|ProxyError|ReadTimeoutError/i,
    code: 'network',
    explain: (l10n) => ({
      message: l10n.t('The package index cannot be reached.'),
      hint: l10n.t(
        'Check your network and proxy settings. pip can also use a private index (pip config set global.index-url).',
      ),
    }),
  },
  {
    pattern: /No matching distribution found|Could not find a version that satisfies/i,
    code: 'no-matching-package',
    explain: (l10n) => ({
      message: l10n.t('A package has no build for this Python or this system.'),
      hint: l10n.t(
        'Training requires Python 3.10 or later on a 64-bit system. The newest Python version may not be supported by all packages yet. Select another Python, then try again.',
      ),
    }),
  },
  {
    pattern: /Permission denied|EACCES|Access is denied/i,
    code: 'permission',
    explain: (l10n) => ({
      message: l10n.t('No permission to write a file of the environment.'),
      hint: l10n.t('Check the permissions of the folder that the log names.'),
    }),
  },
];

/** Finds the cause of a failed venv or pip call in its output. */
export function explainFailure(l10n: Localiser, output: string): PipFailure {
  for (const { pattern, code, explain } of patterns) if (pattern.test(output)) return { code, ...explain(l10n) };
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const last = lines.findLast((line) => /^error\b/i.test(line)) ?? lines.at(-1) ?? '';
  return {
    code: 'install-failed',
    message: l10n.t('The packages could not be installed: {0}', last),
    hint: l10n.t('The log contains the complete pip output.'),
  };
}
