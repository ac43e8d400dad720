import * as vscode from 'vscode';
import { requireRow } from '../../workflow/shared/errors.ts';
import type { SessionRow } from '../../workflow/ports/store/sessions.ts';
import type { HostServices, OpenFolder } from '../services.ts';

/** What panels need of the host. */
export type PanelServices = Omit<HostServices, 'panels'>;

/** @throws WorkflowError `not-found`. */
export async function sessionOf(folder: OpenFolder, sessionId: number): Promise<SessionRow> {
  return requireRow(await folder.ports.store.sessions.get(sessionId), 'session', sessionId);
}

/** The texts of a page in the user's language, by English text. */
export function translated(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => [text, vscode.l10n.t(text)]));
}
