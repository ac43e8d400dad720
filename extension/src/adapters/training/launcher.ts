import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { privateFile, writingFlags } from '../storage/privateFiles.ts';
import { errorCode } from './fileOps.ts';

/** How to start a trainer. */
export interface LaunchCommand {
  readonly runId: string;
  readonly executable: string;
  readonly args: readonly string[];
  /** Added to the environment of the parent. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** What the process prints is appended to this file. */
  readonly logFile: string;
}

/** `error` is the system's code (`ENOENT`, …) when the process could not be started at all. */
export interface ProcessEnd {
  readonly exitCode: number | undefined;
  readonly error: string | undefined;
}

export interface LaunchedProcess {
  /** Unknown where another program, such as a terminal, starts the process. */
  readonly pid: number | undefined;
  /** Never rejects. */
  readonly exited: Promise<ProcessEnd>;
}

/** Starts processes that outlive their parent; an editor may use a task of its terminal instead. */
export interface Launcher {
  launch(command: LaunchCommand): Promise<LaunchedProcess>;
}

/** Starts the trainer as a process group of its own, which goes on when this process ends. */
export function createProcessLauncher(): Launcher {
  return {
    async launch({ executable, args, env, cwd, logFile }) {
      // A plain file and no pipe: a pipe would break with the parent and take the training along.
      const log = openSync(logFile, writingFlags('a'), privateFile);
      try {
        const child = spawn(executable, args, {
          cwd,
          env: { ...process.env, ...env },
          detached: true,
          windowsHide: true,
          stdio: ['ignore', log, log],
        });
        const exited = new Promise<ProcessEnd>((resolve) => {
          child.once('error', (error) => resolve({ exitCode: undefined, error: errorCode(error) || error.message }));
          child.once('exit', (code) => resolve({ exitCode: code ?? undefined, error: undefined }));
        });
        child.unref();
        return { pid: child.pid, exited };
      } finally {
        closeSync(log);
      }
    },
  };
}
