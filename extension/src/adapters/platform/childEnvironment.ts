/**
 * Names of environment variables that a Python of ours needs, with `*` for any ending. Tokens and keys of the user are
 * not among them: the trainer loads files that others made.
 */
const always = [
  // The system, the user and the language.
  'PATH HOME USER LOGNAME SHELL TERM TZ LANG LANGUAGE LC_* TMPDIR TEMP TMP XDG_* COLUMNS LINES __CF_USER_TEXT_ENCODING',
  // Windows finds its own parts, and the user's folders, by these.
  'SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT OS USERNAME USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA',
  'PROGRAMDATA ALLUSERSPROFILE PUBLIC PROGRAMFILES* PROGRAMW6432 COMMONPROGRAM* NUMBER_OF_PROCESSORS PROCESSOR_*',
  // Where Python and its libraries are.
  'VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV PYENV_ROOT PYENV_VERSION LD_LIBRARY_PATH LD_PRELOAD DYLD_* NIX_LD*',
  // Graphics cards, and how many threads work.
  'CUDA_* CUDNN_* CUBLAS_* NVIDIA_* NCCL_* HIP_* ROCR_* ROCM_* HSA_* MIOPEN_* ZE_* ONEAPI_* GPU_* PYTORCH_* TORCH_*',
  'OMP_* MKL_* KMP_* GOMP_* OPENBLAS_* BLIS_* NUMEXPR_* VECLIB_* MALLOC_* ORT_*',
  // Ultralytics' settings, which name the user's weights folder; certificates; ours.
  'YOLO_CONFIG_DIR SSL_CERT_FILE SSL_CERT_DIR AL_TRAINER_*',
].join(' ');

/** Never, although a name above may cover them: `NVIDIA_API_KEY`, … */
const secrets = '!*TOKEN* !*SECRET* !*PASSW* !*CREDENTIAL* !*_KEY !*_KEY_* !*APIKEY* !*_AUTH !*_JWT';

const network = 'HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY REQUESTS_CA_BUNDLE CURL_CA_BUNDLE';
/** Indexes, certificates and the key ring that holds the password of an index. */
const installing = `${network} PIP_* NETRC KEYRING_* DBUS_SESSION_BUS_ADDRESS`;

/** What a child is for: `download` and `install` reach the network, which may take a proxy. */
export type ChildPurpose = 'work' | 'download' | 'install';

/** The patterns of the variables that a child gets: a name, `NAME*`, or `!…` for what it never gets. Case plays no part. */
export function keptVariables(purpose: ChildPurpose): string {
  const more = { work: '', download: ` ${network}`, install: ` ${installing}` }[purpose];
  return `${always}${more} ${secrets}`;
}

/** The part of an environment that patterns of `keptVariables` let through. */
export function pickVariables(
  patterns: string,
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const allowed = matcher(patterns, (pattern) => !pattern.startsWith('!'));
  const denied = matcher(patterns, (pattern) => pattern.startsWith('!'));
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined && allowed.test(name) && !denied.test(name)) picked[name] = value;
  }
  return picked;
}

/** The environment of a child of this process. */
export function childEnvironment(purpose: ChildPurpose): Record<string, string> {
  return pickVariables(keptVariables(purpose), process.env);
}

function matcher(patterns: string, wanted: (pattern: string) => boolean): RegExp {
  const sources = patterns
    .split(' ')
    .filter((pattern) => pattern !== '' && wanted(pattern))
    .map((pattern) => pattern.replace('!', '').replaceAll('*', '.*'));
  return new RegExp(`^(?:${sources.join('|')})$`, 'i');
}
