// Gives inputs of one kind, which lie in folders already, to the product one after another; prints what each took.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { meet } from '../../extension/test/badInputs/meet.ts';
import { kinds } from '../../extension/test/badInputs/table.ts';

const [kindIndex = '', start = '', count = '', folder = ''] = process.argv.slice(2);
const linux = process.platform === 'linux';

/** A figure of the system about a process, in bytes; 0 if unknown. */
function statusOf(pid: number | string, key: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${key}:\\s+(\\d+)`, 'mu').exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Resident bytes of all processes below this one. */
function descendants(): number {
  if (!linux) return 0;
  const known = new Set([process.pid]);
  let sum = 0;
  // A child has a higher number than its parent, but for the rare wrap of all numbers.
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number);
  for (const pid of pids.toSorted((a, b) => a - b)) {
    if (!known.has(statusOf(pid, 'PPid') / 1024)) continue;
    known.add(pid);
    sum += statusOf(pid, 'VmRSS');
  }
  return sum;
}

/** The most that this process had since the last reset. */
function ownPeak(): number {
  return linux ? statusOf('self', 'VmHWM') : process.memoryUsage().rss;
}

function resetPeak(): void {
  globalThis.gc?.();
  if (linux) writeFileSync('/proc/self/clear_refs', '5');
}

const kind = kinds[Number(kindIndex)];
const inputs = kind?.inputs.slice(Number(start), Number(start) + Number(count)) ?? [];
await kind?.warmUp?.();
const measured = [];
for (const [offset, input] of inputs.entries()) {
  resetPeak();
  const before = { own: process.memoryUsage().rss, others: descendants() };
  let others = before.others;
  const watch = setInterval(() => (others = Math.max(others, descendants())), 20);
  const began = performance.now();
  await meet(input, join(folder, String(Number(start) + offset)));
  const ms = Math.round(performance.now() - began);
  clearInterval(watch);
  const grown = Math.max(0, ownPeak() - before.own) + Math.max(0, others - before.others);
  measured.push({ name: input.name, ms, peakMB: Math.round(grown / 1e6) });
}
await kind?.close?.();
console.log(JSON.stringify(measured));
process.exit(0);
