import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RunLeases } from '../../workflow/ports/userRecord.ts';
import type { Entries } from './entries.ts';

/** 0 and negative numbers are process groups, and 1 is never a trainer. */
const leaseForm = z.object({ pid: z.number().int().min(2), startTime: z.string(), nonce: z.string().min(1) });

/** Leases of the runs of one folder, one entry per run: `runs/<folder id>/<sha256 of the run's id>.json`. */
export function createRunLeases(entries: Entries, folderId: string): RunLeases {
  const nameOf = (runId: string): string =>
    `runs/${folderId}/${createHash('sha256').update(runId).digest('hex').slice(0, 32)}.json`;
  return {
    async read(runId) {
      const { data } = leaseForm.safeParse(await entries.read(nameOf(runId)));
      return data ?? null;
    },
    write: (runId, { pid, startTime, nonce }) => entries.write(nameOf(runId), { pid, startTime, nonce, runId }),
    remove: (runId) => entries.remove(nameOf(runId)),
  };
}
