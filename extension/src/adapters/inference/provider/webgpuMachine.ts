import { readdir, stat } from 'node:fs/promises';
import { win32 } from 'node:path';

/** The facts about a machine that decide whether WebGPU may work. */
export interface GpuMachine {
  readonly platform: string;
  readonly arch: string;
  /** The Windows folder. */
  readonly systemRoot: string;
  exists(path: string): Promise<boolean>;
  /** Names in a folder; empty if the folder does not exist. */
  names(folder: string): Promise<readonly string[]>;
}

const thisGpuMachine: GpuMachine = {
  platform: process.platform,
  arch: process.arch,
  systemRoot: process.env['SystemRoot'] ?? 'C:\\Windows',
  exists: async (path) => (await stat(path).catch(() => null)) !== null,
  names: (folder) => readdir(folder).catch(() => []),
};

/**
 * Whether WebGPU may work, so that a trial is worth starting a process. It needs support in ONNX Runtime's library and
 * in the machine. Linux: a GPU device for Vulkan, and x64, since only that library includes WebGPU. Windows: a shader
 * compiler; our package omits DXC for its size, so ONNX Runtime uses the compiler of Windows. macOS: Metal on Apple
 * silicon.
 */
export async function mayHaveWebgpu(machine: GpuMachine = thisGpuMachine): Promise<boolean> {
  const { platform, arch, systemRoot, exists, names } = machine;
  if (platform === 'darwin') return arch === 'arm64';
  if (platform === 'win32') return exists(win32.join(systemRoot, 'System32', 'd3dcompiler_47.dll'));
  if (platform !== 'linux' || arch !== 'x64') return false;
  if ((await names('/dev/dri')).some((name) => name.startsWith('renderD'))) return true;
  // WSL exposes the GPU of Windows as /dev/dxg.
  return (await exists('/dev/nvidia0')) || exists('/dev/dxg');
}
