export interface ServerOptions {
  /** A folder or a .code-workspace file; without one the window is empty. */
  workspace?: string;
  /** Loads the extension from its working folder. */
  extensionFolder?: string;
  /** Installs a packaged extension. */
  vsix?: string;
  /** Folders of further extensions that a test brings along. */
  helpers?: readonly string[];
  /** Runs its `run()` in the extension host. */
  testsBundle?: string;
  userSettings?: Record<string, unknown>;
  /** 0, the default, takes any free port. */
  port?: number;
  /** True asks for workspace trust as for a new user; by default every folder is trusted. */
  trust?: boolean;
}

export interface EditorServer {
  /** The address that opens the workspace. */
  url: string;
  origin: string;
  port: number;
  pid: number;
  userDataFolder: string;
  extensionsFolder: string;
  logFile: string;
  tail(lines?: number): string;
  exited: Promise<string>;
  processes(): number[];
  stop(): Promise<void>;
}

export function isFree(port: number): Promise<boolean>;
export function startServer(options: ServerOptions): Promise<EditorServer>;
export function startPersonServer(options: {
  workspace: string;
  extensionFolder: string;
  port: number;
  /** Keeps the settings and the extensions; by default a folder in the cache. */
  home?: string;
}): Promise<EditorServer>;
