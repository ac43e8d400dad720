import * as vscode from 'vscode';

/** The part of the Python extension's API that this extension uses. */
interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly id: string; readonly path: string };
    resolveEnvironment(environment: {
      readonly path: string;
    }): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

async function pythonApi(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<unknown>('ms-python.python');
  if (extension === undefined) return undefined;
  const api = extension.isActive ? extension.exports : await extension.activate();
  return hasEnvironments(api) ? api : undefined;
}

function hasEnvironments(api: unknown): api is PythonApi {
  if (typeof api !== 'object' || api === null || !('environments' in api)) return false;
  const { environments } = api;
  return typeof environments === 'object' && environments !== null && 'getActiveEnvironmentPath' in environments;
}

/** The interpreter that is selected in the Python extension for this folder; undefined without that extension. */
export async function activeInterpreter(folder: vscode.WorkspaceFolder): Promise<string | undefined> {
  const api = await pythonApi();
  if (api === undefined) return undefined;
  const active = api.environments.getActiveEnvironmentPath(folder.uri);
  const resolved = await api.environments.resolveEnvironment(active);
  return resolved?.executable.uri?.fsPath;
}

/** Subscribes to changes of the interpreter in the Python extension; undefined without that extension. */
export async function followInterpreter(changed: () => void): Promise<vscode.Disposable | undefined> {
  return (await pythonApi())?.environments.onDidChangeActiveEnvironmentPath(changed);
}
