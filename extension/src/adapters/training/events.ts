import { z } from 'zod';
import { schemaIssue } from '../../core/text/schemaIssue.ts';
import type { RunEvent } from '../../workflow/ports/trainer.ts';
import { errorCode } from '../../core/systemErrors.ts';
import { type FileOps } from '../python/fileOps.ts';
import { openRunFile } from '../python/runFiles.ts';

/** Omits `null`, which the trainer writes for a diverged loss because JSON has no NaN. */
const numbers = z
  .record(z.string(), z.number().nullable())
  .transform((values) =>
    Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))),
  );

export const errorReport = z
  .object({
    name: z.string().default('TrainingError'),
    code: z.string().min(1),
    message: z.string(),
    hint: z.string().default(''),
    where: z.string().nullish(),
  })
  .transform(({ where, ...report }) => ({ ...report, ...(where ? { where } : {}) }));

const count = z.number().int().min(0).max(1e9);
const duration = z.number().min(0).max(1e9);
const started = z.object({ pid: z.number().int(), device: z.string(), epochs: count, resumedAt: count.nullish() });
const kinds = z.discriminatedUnion('kind', [
  started
    .extend({ kind: z.literal('started') })
    .transform(({ resumedAt, ...event }) => ({ ...event, ...(typeof resumedAt === 'number' ? { resumedAt } : {}) })),
  z.object({ kind: z.literal('batch'), epoch: count, batch: count, batches: count }),
  z.object({ kind: z.literal('epoch'), epoch: count, epochs: count, seconds: duration, losses: numbers }),
  z.object({ kind: z.literal('metrics'), epoch: count, values: numbers }),
  z.object({ kind: z.literal('log'), message: z.string() }),
  z
    .object({
      kind: z.literal('warning'),
      code: z.string(),
      message: z.string(),
      image: count.nullish(),
      reason: z.string().nullish(),
    })
    .transform(({ image, reason, ...event }) => ({
      ...event,
      ...(typeof image === 'number' ? { image } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
    })),
  z.object({ kind: z.literal('finished'), status: z.enum(['finished', 'cancelled']) }),
  z.object({ kind: z.literal('failed'), error: errorReport }),
]);
const envelope = z.object({ sequence: z.number().int().min(1).max(1e12), time: z.string() });

/** One line of `events.jsonl` as an event, or its problem. */
export function parseEvent(line: string): RunEvent | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: 'is not JSON' };
  }
  const head = envelope.safeParse(value);
  if (!head.success) return { problem: 'has no sequence or time' };
  const body = kinds.safeParse(value);
  if (!body.success) {
    const issue = body.error.issues[0];
    return { problem: `is not an event: its ${issue?.path.join('.')} ${schemaIssue(issue?.message ?? '')}` };
  }
  return { ...body.data, ...head.data };
}

export interface EventReader {
  /** The complete new lines since the last call, a few megabytes at most. An absent file has none. */
  read(): Promise<RunEvent[]>;
  /** Whether the last call reached the end of the file. */
  readonly atEnd: boolean;
}

const chunkBytes = 64 * 1024;
const newline = 0x0a;
/** A traceback is the longest line that a trainer writes. */
const mostLineBytes = 1024 * 1024;
const mostBytesAtOnce = 4 * 1024 * 1024;
const mostProblems = 20;

/**
 * Reads a growing `events.jsonl` by byte offset, in bounded memory. Returns each sequence once, in file order, even if
 * the file is truncated or rewritten. Leaves an incomplete line for later. Skips a line that is not an event, or is longer
 * than a megabyte, and reports it with `onProblem`.
 */
export function createEventReader(
  files: FileOps,
  path: string,
  onProblem: (message: string) => void,
  afterSequence = 0,
): EventReader {
  /** The start of the first unread line. */
  let offset = 0;
  let last = afterSequence;
  let problems = 0;
  /** Inside a line that is too long: its rest is skipped. */
  let skipping = false;
  let atEnd = true;

  function report(at: number, problem: string): void {
    problems += 1;
    if (problems <= mostProblems) onProblem(`${path}: the line at byte ${at} ${problem} and was skipped.`);
    else if (problems === mostProblems + 1) onProblem(`${path}: further invalid lines are skipped without a warning.`);
  }

  function accept(line: string, at: number, events: RunEvent[]): void {
    if (line.trim() === '') return;
    const event = parseEvent(line);
    if ('problem' in event) {
      report(at, event.problem);
      return;
    }
    if (event.sequence <= last) return;
    last = event.sequence;
    events.push(event);
  }

  async function readFrom(handle: Awaited<ReturnType<FileOps['open']>>): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    const { size } = await handle.stat();
    if (size < offset) [offset, skipping] = [0, false];
    const until = Math.min(size, offset + mostBytesAtOnce);
    const chunk = Buffer.alloc(chunkBytes);
    let carry: Buffer = Buffer.alloc(0);
    let position = offset;
    while (position < until) {
      const wanted = Math.min(chunkBytes, until - position);
      const { bytesRead } = await handle.read(chunk, 0, wanted, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      carry = Buffer.concat([carry, chunk.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = carry.indexOf(newline); end !== -1; end = carry.indexOf(newline, start)) {
        if (!skipping) accept(carry.toString('utf8', start, end), offset, events);
        skipping = false;
        offset += end + 1 - start;
        start = end + 1;
      }
      carry = carry.subarray(start);
      if (carry.length > mostLineBytes) {
        if (!skipping) report(offset, `is longer than ${mostLineBytes} bytes`);
        skipping = true;
      }
      if (skipping) {
        offset += carry.length;
        carry = Buffer.alloc(0);
      }
    }
    atEnd = position >= size;
    return events;
  }

  return {
    get atEnd() {
      return atEnd;
    },
    async read() {
      try {
        const handle = await openRunFile(files, path, 'read');
        try {
          return await readFrom(handle);
        } finally {
          await handle.close();
        }
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error;
        offset = 0;
        atEnd = true;
        return [];
      }
    },
  };
}
