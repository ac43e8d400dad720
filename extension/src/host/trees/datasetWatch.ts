import * as vscode from 'vscode';

/** Where no dataset is looked for either. */
const aside = /[\\/](node_modules|\.git|\.?venv|\.active-learning|site-packages|runs)[\\/]/;
/** A folder has no ending: one that is moved here tells of itself, and not of the files in it. */
const mayBeDataset = /\.(ya?ml|jpe?g|png|webp|bmp|tiff?|avif)$|^[^.]+$/i;

/** Tells of files and folders that appear in the workspace and may be a dataset. */
export function watchForDatasets(appeared: () => void): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher('**/*', false, false, true);
  const tell = ({ fsPath }: vscode.Uri, pattern: RegExp): void => {
    const name = fsPath.split(/[\\/]/).at(-1) ?? '';
    if (!aside.test(fsPath) && pattern.test(name)) appeared();
  };
  // A description is often made empty and written afterwards.
  const subscriptions = [
    watcher.onDidCreate((uri) => tell(uri, mayBeDataset)),
    watcher.onDidChange((uri) => tell(uri, /\.ya?ml$/i)),
  ];
  return vscode.Disposable.from(watcher, ...subscriptions);
}
