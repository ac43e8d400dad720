import { readdir, stat } from 'node:fs/promises';
import { win32 } from 'node:path';

/** What is asked of a machine. */
export interface GpuMachine {
  readonly platform: string;
  readonly arch: string;
  /** Windows' own folder. */
  readonly systemRoot: string;
  exists(path: string): Promise<boolean>;
  /** Names in a folder; none if it is not there. */
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
 * Whether WebGPU may work, so that a trial is worth a process: ONNX Runtime's library has it, and the machine has what it
 * stands on. Linux: a device that Vulkan could drive; only the library for x64 has WebGPU. Windows: a shader compiler.
 * The package leaves DXC out for its size; without it, ONNX Runtime takes the one that is part of Windows. macOS: Metal,
 * on Apple's processors.
 */
export async function mayHaveWebgpu(machine: GpuMachine = thisGpuMachine): Promise<boolean> {
  const { platform, arch, systemRoot, exists, names } = machine;
  if (platform === 'darwin') return arch === 'arm64';
  if (platform === 'win32') return exists(win32.join(systemRoot, 'System32', 'd3dcompiler_47.dll'));
  if (platform !== 'linux' || arch !== 'x64') return false;
  if ((await names('/dev/dri')).some((name) => name.startsWith('renderD'))) return true;
  // WSL hands the GPU of Windows through as the last of these.
  return (await exists('/dev/nvidia0')) || exists('/dev/dxg');
}
