/** What the choice of an editor depends on. */
export interface Machine {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  isRoot: boolean;
  versionOf(command: string): string | null;
  macPlaceExists: boolean;
  minimum: string;
}

export interface EditorChoice {
  command: string | null;
  reason: string | null;
}

export function desktopCode(machine?: Machine): EditorChoice;
export function chooseEditor(asked: 'code' | 'code-server' | undefined, machine?: Machine): EditorChoice;
export function openDesktop(options: {
  readonly command: string;
  readonly workspace: string;
  readonly extensionFolder: string;
}): Promise<void>;
