import { describe, expect, it } from 'vitest';
import { keptVariables, pickVariables, type ChildPurpose } from './childEnvironment.ts';

const secrets = {
  AWS_SECRET_ACCESS_KEY: 's',
  AWS_SESSION_TOKEN: 's',
  GITHUB_TOKEN: 's',
  GH_TOKEN: 's',
  HF_TOKEN: 's',
  HUGGING_FACE_HUB_TOKEN: 's',
  WANDB_API_KEY: 's',
  NVIDIA_API_KEY: 's',
  CUDA_DOWNLOAD_TOKEN: 's',
  PIP_SECRET: 's',
  XDG_SESSION_PASSWORD: 's',
  SLURM_JWT: 's',
  SSH_AUTH_SOCK: 's',
  DATABASE_URL: 's',
  MY_APP: 's',
  PYTHONPATH: '/elsewhere',
  PYTHONSTARTUP: '/elsewhere/start.py',
  PYTHONHOME: '/elsewhere',
  VSCODE_IPC_HOOK_CLI: 's',
};
const needed = {
  PATH: '/bin',
  HOME: '/home/me',
  LC_ALL: 'C',
  CUDA_VISIBLE_DEVICES: '0',
  LD_LIBRARY_PATH: '/lib',
  XDG_CONFIG_HOME: '/x',
  SystemRoot: 'C:\\Windows',
  OMP_NUM_THREADS: '2',
  YOLO_CONFIG_DIR: '/y',
  CONDA_PREFIX: '/conda',
};
const proxies = { https_proxy: 'http://me:secret@proxy', NO_PROXY: 'localhost' };
const pip = { PIP_INDEX_URL: 'https://index', PIP_CERT: '/c' };

function names(purpose: ChildPurpose): string[] {
  return Object.keys(pickVariables(keptVariables(purpose), { ...secrets, ...needed, ...proxies, ...pip }));
}

describe('the environment of our Python processes', () => {
  it('contains the needed variables, and no token', () => {
    expect(names('work')).toEqual(Object.keys(needed));
  });

  it('includes the proxy, which may contain a password, only for downloads', () => {
    expect(names('download')).toEqual([...Object.keys(needed), ...Object.keys(proxies)]);
  });

  it('includes the settings of pip only for installs', () => {
    expect(names('install')).toEqual([...Object.keys(needed), ...Object.keys(proxies), ...Object.keys(pip)]);
  });
});
