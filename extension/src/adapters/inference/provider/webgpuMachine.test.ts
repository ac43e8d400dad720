import { describe, expect, it } from 'vitest';
import { mayHaveWebgpu } from './webgpuMachine.ts';

const compiler = 'C:\\Windows\\System32\\d3dcompiler_47.dll';

/** A machine that has only these files. */
function machine(platform: string, arch: string, ...files: string[]) {
  return {
    platform,
    arch,
    systemRoot: 'C:\\Windows',
    exists: (path: string) => Promise.resolve(files.includes(path)),
    names: (folder: string) =>
      Promise.resolve(
        files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1)),
      ),
  };
}

describe('mayHaveWebgpu', () => {
  it.each([
    ['a Mac of Apple', machine('darwin', 'arm64'), true],
    ['a Mac of Intel', machine('darwin', 'x64'), false],
    ['Linux without a GPU', machine('linux', 'x64', '/dev/dri/card0'), false],
    ['Linux with a GPU', machine('linux', 'x64', '/dev/dri/renderD128'), true],
    ['Linux with the driver of NVIDIA alone', machine('linux', 'x64', '/dev/nvidia0'), true],
    ['Linux inside of Windows', machine('linux', 'x64', '/dev/dxg'), true],
    ['Linux on arm64, whose library has no WebGPU', machine('linux', 'arm64', '/dev/dri/renderD128'), false],
    ['Windows', machine('win32', 'x64', compiler), true],
    ['Windows without a shader compiler', machine('win32', 'arm64'), false],
    ['a system that nobody knows', machine('aix', 'x64'), false],
  ])('%s', async (_, its, expected) => {
    expect(await mayHaveWebgpu(its)).toBe(expected);
  });
});
