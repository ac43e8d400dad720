import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Flags of /proc/cpuinfo for 8-bit dot products: AVX-512 VNNI and AVX-VNNI of x86, `sdot` of Arm. */
const dotProductFlags = /^(avx512_vnni|avx_vnni|asimddp)$/;

/** Whether a processor multiplies 8-bit integers and adds them up in one instruction, by the text of /proc/cpuinfo. */
export function hasVnni(cpuInfo: string): boolean {
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuInfo)?.[1] ?? '';
  return flags.split(/\s+/).some((flag) => dotProductFlags.test(flag));
}

/** What the figures were measured on; `vnni` is null if unknown. */
export function describeMachine(threads: number): {
  readonly cpu: string;
  readonly threads: number;
  readonly vnni: boolean | null;
  readonly node: string;
} {
  let vnni: boolean | null = null;
  try {
    vnni = hasVnni(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    // Only Linux has this file.
    if (process.platform === 'darwin' && process.arch === 'arm64') vnni = true;
  }
  return { cpu: cpus()[0]?.model ?? 'unknown', threads, vnni, node: process.version };
}
