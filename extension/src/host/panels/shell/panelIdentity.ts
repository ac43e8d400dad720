import { z } from 'zod';

/** What a panel shows. Only this survives a reload; the rest is read from the database again. */
export interface PanelIdentity {
  /** The workspace folder, as a URI. */
  readonly folder: string;
  readonly sessionId: number;
  /** The requested iteration; `null` for the newest batch. */
  readonly iterationId: number | null;
}

const webviewState = z.object({
  identity: z.object({
    folder: z.string().min(1).max(4000),
    sessionId: z.int().min(1),
    iterationId: z.int().min(1).nullable(),
  }),
});

/** Reads the identity from the state that VS Code stored for a webview; `null` if it is invalid. */
export function identityFrom(state: unknown): PanelIdentity | null {
  const parsed = webviewState.safeParse(state);
  return parsed.success ? parsed.data.identity : null;
}

/** Identifies a panel: the same key means the same panel. */
export function identityKey({ folder, sessionId, iterationId }: PanelIdentity): string {
  return `${folder}\n${sessionId}\n${iterationId ?? ''}`;
}
