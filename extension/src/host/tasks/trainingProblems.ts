import { join } from 'node:path';
import * as vscode from 'vscode';
import { toErrorReport } from '../../core/errors.ts';
import { visibleText } from '../../core/text/escapeText.ts';
import type { SessionRef } from '../workspace/folderContext.ts';
import { problemPlace, type ProblemPlace } from './problemPlace.ts';

/** Not failures: cancellations, and iterations of other windows. */
const noProblems = new Set(['cancelled', 'busy-elsewhere', 'handed-over', 'not-now', 'store-closed']);

/**
 * Shows failed iterations in the Problems panel until the folder's next iteration starts. VS Code drops the findings of a
 * background task's problem matcher when its process ends, which is exactly when a failed training matters.
 */
export class TrainingProblems implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection('activeLearning.training');
  /** By workspace folder. */
  readonly #files = new Map<string, vscode.Uri>();

  /** Removes the failure of the folder's last iteration. */
  clear({ folder }: Pick<SessionRef, 'folder'>): void {
    const key = folder.folder.uri.toString();
    const file = this.#files.get(key);
    if (file !== undefined) this.#collection.delete(file);
    this.#files.delete(key);
  }

  /** Shows why an iteration failed, at the file in the error, otherwise at the events of its training. */
  async show(ref: SessionRef, error: unknown): Promise<void> {
    const { code, message, hint, where } = toErrorReport(error);
    if (noProblems.has(code)) return;
    const place = (await existing(ref, problemPlace(where))) ?? (await eventsOf(ref));
    if (place === null) return;
    this.clear(ref);
    const range = new vscode.Range(place.line, 0, place.line, Number.MAX_SAFE_INTEGER);
    const diagnostic = new vscode.Diagnostic(
      range,
      visibleText(`${message} ${hint}`.trim()),
      vscode.DiagnosticSeverity.Error,
    );
    diagnostic.source = 'Active Learning';
    diagnostic.code = code;
    const file = vscode.Uri.file(place.file);
    this.#files.set(ref.folder.folder.uri.toString(), file);
    this.#collection.set(file, [diagnostic]);
  }

  dispose(): void {
    this.#collection.dispose();
  }
}

async function existing({ folder }: SessionRef, place: ProblemPlace | null): Promise<ProblemPlace | null> {
  return place !== null && (await folder.ports.artifacts.exists(place.file)) ? place : null;
}

/** The events of the last run show its progress and the traceback of an unknown error. */
async function eventsOf(ref: SessionRef): Promise<ProblemPlace | null> {
  const { store, runsFolder } = ref.folder.ports;
  const last = (await store.iterations.list(ref.sessionId)).at(-1);
  const run = last?.runId == null ? null : await store.runs.get(last.runId);
  return run === null ? null : existing(ref, { file: join(runsFolder, run.id, 'events.jsonl'), line: 0 });
}
