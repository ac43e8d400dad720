/**
 * Names of environment variables that our Python processes need, with `*` for any suffix. Tokens and keys of the user
 * are excluded, because the trainer loads files from other people.
 */
const always = [
  // System, user and language.
  'PATH HOME USER LOGNAME SHELL TERM TZ LANG LANGUAGE LC_* TMPDIR TEMP TMP XDG_* COLUMNS LINES __CF_USER_TEXT_ENCODING',
  // Windows locates its components and the user's folders with these.
  'SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT OS USERNAME USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA',
  'PROGRAMDATA ALLUSERSPROFILE PUBLIC PROGRAMFILES* PROGRAMW6432 COMMONPROGRAM* NUMBER_OF_PROCESSORS PROCESSOR_*',
  // Locations of Python and its libraries.
  'VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV PYENV_ROOT PYENV_VERSION LD_LIBRARY_PATH LD_PRELOAD DYLD_* NIX_LD*',
  // GPUs and numbers of threads.
  'CUDA_* CUDNN_* CUBLAS_* NVIDIA_* NCCL_* HIP_* ROCR_* ROCM_* HSA_* MIOPEN_* ZE_* ONEAPI_* GPU_* PYTORCH_* TORCH_*',
  'OMP_* MKL_* KMP_* GOMP_* OPENBLAS_* BLIS_* NUMEXPR_* VECLIB_* MALLOC_* ORT_*',
  // Ultralytics' settings, which contain the user's weights folder; certificates; our variables.
  'YOLO_CONFIG_DIR SSL_CERT_FILE SSL_CERT_DIR AL_TRAINER_*',
].join(' ');

/** Excluded, even if a pattern above matches, such as `NVIDIA_API_KEY`. */
const secrets = '!*TOKEN* !*SECRET* !*PASSW* !*CREDENTIAL* !*_KEY !*_KEY_* !*APIKEY* !*_AUTH !*_JWT';

const network = 'HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY REQUESTS_CA_BUNDLE CURL_CA_BUNDLE';
/** Package indexes, certificates, and the key ring with passwords for an index. */
const installing = `${network} PIP_* NETRC KEYRING_* DBUS_SESSION_BUS_ADDRESS`;

/** The purpose of a child process. `download` and `install` use the network, possibly through a proxy. */
export type ChildPurpose = 'work' | 'download' | 'install';

/** Patterns of variables for a child: a name, `NAME*`, or `!…` for an exclusion. Case-insensitive. */
export function keptVariables(purpose: ChildPurpose): string {
  const more = { work: '', download: ` ${network}`, install: ` ${installing}` }[purpose];
  return `${always}${more} ${secrets}`;
}

/** The variables that match patterns of `keptVariables`. */
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
