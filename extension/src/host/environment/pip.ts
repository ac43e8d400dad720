import type { Localiser } from '../text/localiser.ts';

/** What the packages are built for. */
export type ComputeKind = 'cpu' | 'cuda' | 'default';

/** Where the user has told pip to look for packages. */
export interface PipSources {
  /** An index that takes the place of PyPI. */
  readonly index: string | undefined;
  /** Whether there are places beside the index. */
  readonly others: boolean;
}

export interface PipPlan {
  /**
   * Indexes beside PyPI that may hold the wanted build of PyTorch, the first that does is used; none where PyPI or the
   * user's own index is enough.
   */
  readonly indexes: readonly string[];
  /** Hosts that will be contacted, for the question before. */
  readonly hosts: readonly string[];
  /** The arguments that bring the pip of the environment to the version that everything is installed with. */
  readonly updatePip: readonly string[];
  /**
   * The arguments of the one call that installs everything.
   * @param resumes whether this pip goes on with a broken download.
   */
  install(index: string | undefined, resumes: boolean): readonly string[];
}

const pytorchIndex = 'https://download.pytorch.org/whl';
/**
 * The first versions of pip that go on with a broken download (25.1) tell one from a package that was tampered with; the one
 * that Python brings may be years old, and takes the half of a file for the whole of a wrong one.
 */
const pipVersion = '25.3';
const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];

/** Newest first. Which of them PyTorch builds for depends on its version. */
const cudaBuilds = ['cu132', 'cu130', 'cu128', 'cu126'];

/** Which builds of PyTorch there are to choose from: on a Mac there is one. */
export function computeChoices(platform: NodeJS.Platform): readonly ComputeKind[] {
  return platform === 'darwin' ? ['default'] : ['cpu', 'cuda'];
}

/**
 * One pip call for all packages, so that none of them replaces the build of torch that another one asked for. PyPI
 * holds the CUDA build for Linux and the CPU build for Windows and macOS; the other one comes from PyTorch's index.
 * An index that the user has set in the place of PyPI is used as it is.
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
    // Without the limits pip asks an index that does not answer five times, for half a minute.
    updatePip: ['-m', 'pip', 'install', ...quiet, '--retries', '2', '--timeout', '15', `pip==${pipVersion}`],
    install: (index, resumes) => {
      const resume = resumes ? ['--resume-retries', '5'] : [];
      const extra = index === undefined ? [] : ['--extra-index-url', index];
      return ['-m', 'pip', 'install', ...quiet, ...resume, ...extra, '-r', requirements];
    },
  };
}

/**
 * Whether an index that was asked with `pip index versions torch` answered and holds a version. Places of the user's
 * configuration are in the same answer, so that a broken connection shows in the warnings alone.
 */
export function indexHolds(answer: string, version: string): boolean {
  if (/Retrying \(|connection broken|Could not fetch URL/i.test(answer)) return false;
  const versions = /^Available versions: (.*)$/m.exec(answer)?.[1]?.split(', ') ?? [];
  return versions.some((known) => known === version || known.startsWith(`${version}+`));
}

/** What `pip config list` and the environment say about where packages come from. */
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

/** The host of an index; a folder or something else is its own name. */
export function hostOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).host : '';
  return host === '' ? url : host;
}

/** What a line of pip's output tells of its progress; null for the rest. */
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
  if (line.startsWith('Installing collected packages')) return l10n.t('Installing the packages (some minutes)');
  return null;
}

/** Why an installation failed, in words, and what to do. */
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
        'The training environment needs about 2 GB, with CUDA about 9 GB, while it is made. Free some space, then set it up again.',
      ),
    }),
  },
  {
    pattern:
      /not enough bytes were received|IncompleteRead|Download failed after|ChunkedEncodingError|ProtocolError|Connection reset/i,
    code: 'network-cut',
    explain: (l10n) => ({
      message: l10n.t('The connection broke in the middle of a download, again and again.'),
      hint: l10n.t('Set it up again when the network is better; what was downloaded whole is not fetched twice.'),
    }),
  },
  {
    pattern: /DO NOT MATCH THE HASHES/i,
    code: 'package-altered',
    explain: (l10n) => ({
      message: l10n.t('A package that arrived whole is not the one that its index announced.'),
      hint: l10n.t(
        'A proxy or a mirror may have altered it, or somebody tampered with it. Do not install it; ask whoever runs your package index. The log names the package. A pip older than 25.1 says the same of a download that was cut off.',
      ),
    }),
  },
  {
    pattern: /ensurepip is not available|No module named '?(venv|ensurepip)|python3-venv/i,
    code: 'venv-missing',
    explain: (l10n) => ({
      message: l10n.t('This Python cannot make virtual environments.'),
      hint: l10n.t('On Debian and Ubuntu, install the package python3-venv, then set it up again.'),
    }),
  },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|SSLError/i,
    code: 'network-certificate',
    explain: (l10n) => ({
      message: l10n.t('The certificate of the package index is not trusted.'),
      hint: l10n.t('A proxy may be in between: tell pip about its certificate (pip config set global.cert).'),
    }),
  },
  {
    pattern:
      /Temporary failure in name resolution|Name or service not known|getaddrinfo failed|Connection refused|Network is unreachable|NewConnectionError|ConnectTimeoutError|ProxyError|ReadTimeoutError/i,
    code: 'network',
    explain: (l10n) => ({
      message: l10n.t('The package index cannot be reached.'),
      hint: l10n.t(
        'Check the network or the proxy; pip can use an index of your own (pip config set global.index-url).',
      ),
    }),
  },
  {
    pattern: /No matching distribution found|Could not find a version that satisfies/i,
    code: 'no-matching-package',
    explain: (l10n) => ({
      message: l10n.t('A package has no build for this Python or this system.'),
      hint: l10n.t(
        'Python 3.10 or newer on a 64-bit system is needed, and the newest Python may not have all packages yet; select another one, then set it up again.',
      ),
    }),
  },
  {
    pattern: /Permission denied|EACCES|Access is denied/i,
    code: 'permission',
    explain: (l10n) => ({
      message: l10n.t('A file of the environment may not be written.'),
      hint: l10n.t('Check the rights of the folder that the log names.'),
    }),
  },
];

/** The failure of a venv or pip call from what it printed. */
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
    hint: l10n.t('The log holds everything that pip printed.'),
  };
}
