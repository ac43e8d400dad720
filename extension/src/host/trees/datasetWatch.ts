import * as vscode from 'vscode';

/** Where no dataset is looked for either. */
const aside = /(^|[\\/])(node_modules|\.git|\.?venv|\.active-learning|site-packages|runs)[\\/]/;

/** Judges what is below the workspace folder: that one may lie in any other. */
function isAside(uri: vscode.Uri): boolean {
  return aside.test(vscode.workspace.asRelativePath(uri, false));
}

/**
 * Tells of anything that appears in the workspace and may be a dataset or hold one: a folder that is moved here, whatever
 * its name, tells of itself and not of its files.
 */
export function watchForDatasets(appeared: () => void): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher('**/*', false, false, true);
  const subscriptions = [
    watcher.onDidCreate((uri) => {
      if (!isAside(uri)) appeared();
    }),
    // A description is often made empty and written afterwards.
    watcher.onDidChange((uri) => {
      if (/\.ya?ml$/i.test(uri.fsPath) && !isAside(uri)) appeared();
    }),
  ];
  return vscode.Disposable.from(watcher, ...subscriptions);
}
