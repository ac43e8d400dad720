import { describe, expect, it } from 'vitest';
import { runtimeMissing } from './runtime.ts';
import { workerEnvironment } from '../../platform/workerEnvironment.ts';

describe('runtimeMissing', () => {
  it.each([
    ['darwin', 'x64', "Cannot find module '../bin/napi-v6/darwin/x64/onnxruntime_binding.node'", /Intel/],
    ['linux', 'x64', "/lib/libm.so.6: version `GLIBC_2.28' not found", /GLIBC_2\.28.*Debian 12/],
    ['linux', 'x64', "libstdc++.so.6: version `GLIBCXX_3.4.30' not found", /GLIBCXX_3\.4\.30/],
    ['linux', 'x64', 'Error loading shared library ld-linux-x86-64.so.2: No such file or directory', /Alpine/],
    ['freebsd', 'x64', "Cannot find module '../bin/napi-v6/freebsd/x64/onnxruntime_binding.node'", /linux-x64/],
  ])('gives a matching hint on %s-%s: %s', (platform, arch, reason, hint) => {
    const error = runtimeMissing('ONNX Runtime', new Error(`${reason}\nRequire stack:`), platform, arch);
    expect(error.code).toBe('runtime-missing');
    expect(error.message).toBe(`ONNX Runtime cannot be loaded on ${platform}-${arch}: ${reason}`);
    expect(error.hint).toMatch(hint);
  });
});

describe('workerEnvironment', () => {
  it('removes the variables of the editor and its process, and keeps the rest', () => {
    const parent = {
      PATH: '/bin',
      HOME: '/home/user',
      VSCODE_PID: '1',
      VSCODE_IPC_HOOK: '/run/x',
      ELECTRON_RUN_AS_NODE: '0',
      ELECTRON_NO_ASAR: '1',
      NODE_OPTIONS: '--require ./hook.js',
      NODE_CHANNEL_FD: '3',
      NODE_ENV: 'production',
    };
    expect(workerEnvironment(parent)).toStrictEqual({
      MALLOC_MMAP_THRESHOLD_: '67108864',
      MALLOC_TRIM_THRESHOLD_: '134217728',
      PATH: '/bin',
      HOME: '/home/user',
      NODE_ENV: 'production',
      ELECTRON_RUN_AS_NODE: '1',
    });
  });

  it('keeps the memory settings of the user', () => {
    expect(workerEnvironment({ MALLOC_TRIM_THRESHOLD_: '0' })).toMatchObject({ MALLOC_TRIM_THRESHOLD_: '0' });
  });
});
