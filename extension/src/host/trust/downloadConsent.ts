import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import * as vscode from 'vscode';
import { downloadsAllowed } from '../settings.ts';
import { showInformation } from '../ui/window.ts';

const consentKey = 'models.downloadConsent';

/** The user's consent to download base weights: nothing is downloaded without it. */
export class DownloadConsent {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** Whether weights with this name may be downloaded if they are not on this machine. */
  isGiven(folder: vscode.WorkspaceFolder, weights: string): boolean {
    return downloadsAllowed(folder) || this.#memory.get<readonly string[]>(consentKey, []).includes(weights);
  }

  /**
   * Asks before a training whose base model is a published name, such as yolov8n.pt. Without consent, the trainer still
   * searches for the file on this machine.
   * @returns false if the user cancelled the training.
   */
  async ask(folder: vscode.WorkspaceFolder, weights: string): Promise<boolean> {
    if (!isWeightsName(weights) || this.isGiven(folder, weights)) return true;
    if (weightsPath(folder, weights) !== weights) return true;
    const allow = vscode.l10n.t('Allow Download');
    const local = vscode.l10n.t('Use Local File Only');
    const chosen = await showInformation(
      vscode.l10n.t('Download {0}?', weights),
      {
        modal: true,
        detail: vscode.l10n.t(
          'Training starts from pretrained weights. If {0} is not on this machine yet, it is downloaded once from github.com/ultralytics/assets (6 to 140 MB). Your images stay on this machine.\n\nTo train without a download, edit the session and choose a local .pt file, or an architecture such as yolov8n.yaml, which trains from scratch and needs more labels.',
          weights,
        ),
      },
      allow,
      local,
    );
    if (chosen === allow) {
      const given = this.#memory.get<readonly string[]>(consentKey, []);
      await this.#memory.update(consentKey, [...new Set([...given, weights])]);
    }
    return chosen !== undefined;
  }
}

/** The path of a base model: a file in the workspace folder if the relative path exists there, otherwise unchanged. */
export function weightsPath(folder: vscode.WorkspaceFolder, weights: string): string {
  const path = resolve(folder.uri.fsPath, weights);
  return !isAbsolute(weights) && existsSync(path) ? path : weights;
}

/** Whether a base model is the name of published weights rather than a path. */
function isWeightsName(weights: string): boolean {
  return /^[\w.-]+\.pt$/i.test(weights);
}
