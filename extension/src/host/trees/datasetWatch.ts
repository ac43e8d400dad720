import * as vscode from 'vscode';

/** Folders that the search for datasets skips, too. */
const aside = /(^|[\\/])(node_modules|\.git|\.?venv|\.active-learning|site-packages|runs)[\\/]/;

/** Checks only the path below the workspace folder, which may itself be in such a folder. */
function isAside(uri: vscode.Uri): boolean {
  return aside.test(vscode.workspace.asRelativePath(uri, false));
}

/**
 * Reports new files and folders that may be or contain a dataset. A moved folder causes one event for itself and none for
 * its files.
 */
export function watchForDatasets(appeared: () => void): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher('**/*', false, false, true);
  const subscriptions = [
    watcher.onDidCreate((uri) => {
      if (!isAside(uri)) appeared();
    }),
    // A dataset file is often created empty and written later.
    watcher.onDidChange((uri) => {
      if (/\.ya?ml$/i.test(uri.fsPath) && !isAside(uri)) appeared();
    }),
  ];
  return vscode.Disposable.from(watcher, ...subscriptions);
}
