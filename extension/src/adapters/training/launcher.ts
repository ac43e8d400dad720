import { spawn } from 'node:child_process';
import { errorCode } from '../../core/systemErrors.ts';
import { nodeFiles } from '../python/fileOps.ts';
import { openRunFile } from '../python/runFiles.ts';
import { environmentOf, type PythonStart } from '../python/pythonStart.ts';

/** The command of a trainer. */
export interface LaunchCommand extends PythonStart {
  readonly runId: string;
  /** In the run folder. The output of the process is appended to it. */
  readonly logFile: string;
}

/** `error`: the system's code (`ENOENT`, …) if the process could not be started. */
export interface ProcessEnd {
  readonly exitCode: number | undefined;
  readonly error: string | undefined;
}

export interface LaunchedProcess {
  /** Unknown if another program, such as a terminal, starts the process. */
  readonly pid: number | undefined;
  /** Never rejects. */
  readonly exited: Promise<ProcessEnd>;
}

/** Starts processes that outlive their parent; an editor may use a task of its terminal instead. */
export interface Launcher {
  launch(command: LaunchCommand): Promise<LaunchedProcess>;
}

/** Starts the trainer in a separate process group, which continues when this process ends. */
export function createProcessLauncher(): Launcher {
  return {
    async launch({ executable, args, env, cwd, logFile }) {
      // Not a pipe: it would break with the parent and end the training.
      const log = await openRunFile(nodeFiles, logFile, 'append');
      try {
        const child = spawn(executable, args, {
          cwd,
          env: environmentOf({ env }),
          detached: true,
          windowsHide: true,
          stdio: ['ignore', log.fd, log.fd],
        });
        const exited = new Promise<ProcessEnd>((resolve) => {
          child.once('error', (error) => resolve({ exitCode: undefined, error: errorCode(error) || error.message }));
          child.once('exit', (code) => resolve({ exitCode: code ?? undefined, error: undefined }));
        });
        child.unref();
        return { pid: child.pid, exited };
      } finally {
        await log.close();
      }
    },
  };
}
