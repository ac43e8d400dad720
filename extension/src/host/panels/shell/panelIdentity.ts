import { z } from 'zod';

/** What a panel shows, and all that survives a reload: the rest is read from the database again. */
export interface PanelIdentity {
  /** The workspace folder, as a URI. */
  readonly folder: string;
  readonly sessionId: number;
  /** The iteration that was asked for; `null` = the newest batch, whichever that is. */
  readonly iterationId: number | null;
}

const kept = z.object({
  identity: z.object({
    folder: z.string().min(1).max(4000),
    sessionId: z.int().min(1),
    iterationId: z.int().min(1).nullable(),
  }),
});

/** The identity in the state that VS Code kept of a webview; `null` where it cannot be read. */
export function identityFrom(state: unknown): PanelIdentity | null {
  const parsed = kept.safeParse(state);
  return parsed.success ? parsed.data.identity : null;
}

/** One panel for each. */
export function identityKey({ folder, sessionId, iterationId }: PanelIdentity): string {
  return `${folder}\n${sessionId}\n${iterationId ?? ''}`;
}
