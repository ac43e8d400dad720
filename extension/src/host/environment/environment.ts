import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { TrainingEnvironment } from '../../workflow/ports/trainer.ts';
import { contextKeys, settingKeys, settingsSection } from '../ids.ts';
import { Disposables } from '../lifecycle.ts';
import { configuredPython } from '../settings.ts';
import { nearestFailure, pythonCandidates } from './candidates.ts';
import { finishedEnvironments, pythonIn } from './places.ts';
import { activeInterpreter } from './pythonExtension.ts';

const rememberedKey = 'environment.python';

export type EnvironmentState = 'unknown' | 'checking' | 'ready' | 'missing';

/** Finds the Python to train with, and remembers the one that worked. */
export class PythonEnvironment {
  readonly #context: vscode.ExtensionContext;
  readonly #log: vscode.LogOutputChannel;
  readonly #owned = new Disposables();
  readonly #news = this.#owned.track(new vscode.EventEmitter<EnvironmentState>());
  readonly onDidChange = this.#news.event;
  #state: EnvironmentState = 'unknown';
  #checking: Promise<TrainingEnvironment> | null = null;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#log = log;
    this.#owned.track(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${settingsSection}.${settingKeys.pythonPath}`)) void this.forget();
      }),
    );
  }

  get state(): EnvironmentState {
    return this.#state;
  }

  /** The folder that holds the package `al_trainer` and `requirements.txt`. */
  get trainerFolder(): string {
    return this.#context.asAbsolutePath('trainer');
  }

  /** Holds the virtual environments that the set-up made: the one in use, and the one before it. */
  get environmentsFolder(): string {
    return join(this.#context.globalStorageUri.fsPath, 'environments');
  }

  /** The interpreter of the newest environment whose set-up was finished; in a checkout, that of the checkout. */
  get privatePython(): string | undefined {
    const newest = finishedEnvironments(this.environmentsFolder).at(-1);
    if (newest !== undefined) return pythonIn(newest);
    const checkout = pythonIn(join(this.trainerFolder, '.venv'));
    return existsSync(checkout) ? checkout : undefined;
  }

  /** The Python that is known to work, without starting one. */
  remembered(folder: vscode.WorkspaceFolder): string | undefined {
    const configured = configuredPython(folder);
    if (configured !== undefined) return configured;
    const python = this.#context.workspaceState.get<string>(rememberedKey);
    return python !== undefined && existsSync(python) ? python : undefined;
  }

  /** Whether a check has succeeded before, in this or an earlier window. */
  get wasChecked(): boolean {
    const python = this.#context.workspaceState.get<string>(rememberedKey);
    return python !== undefined && existsSync(python);
  }

  /**
   * A Python that can train.
   * @throws TrainingError `python-missing`, `python-too-old`, `packages-missing`, `trainer-broken`.
   */
  async find(folder: vscode.WorkspaceFolder): Promise<string> {
    const python = this.wasChecked ? this.remembered(folder) : undefined;
    return python ?? (await this.check(folder)).python;
  }

  /** Looks for a Python that can train, starting those that come into question. @throws as `find`. */
  check(folder: vscode.WorkspaceFolder): Promise<TrainingEnvironment> {
    this.#checking ??= this.#search(folder).finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  /** What worked is not taken for granted any more. */
  async forget(): Promise<void> {
    await this.#context.workspaceState.update(rememberedKey, undefined);
    this.#become('unknown');
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #search(folder: vscode.WorkspaceFolder): Promise<TrainingEnvironment> {
    this.#become('checking');
    try {
      const environment = await this.#firstThatWorks(folder);
      await this.#context.workspaceState.update(rememberedKey, environment.python);
      this.#log.info(
        `Training environment: ${environment.python} (Python ${environment.pythonVersion}; ${environment.devices.join(', ')})`,
      );
      this.#become('ready');
      return environment;
    } catch (error) {
      await this.#context.workspaceState.update(rememberedKey, undefined);
      this.#become('missing');
      throw error;
    }
  }

  async #firstThatWorks(folder: vscode.WorkspaceFolder): Promise<TrainingEnvironment> {
    const { findPython } = await import('../../adapters/training/pythonEnvironment.ts');
    const { TrainingError } = await import('../../core/session/errors.ts');
    const candidates = pythonCandidates({
      setting: configuredPython(folder),
      privateEnvironment: this.privatePython,
      pythonExtension: await activeInterpreter(folder).catch((error: unknown) => {
        this.#log.warn(`The Python extension did not answer: ${String(error)}`);
        return undefined;
      }),
    });
    const failures: InstanceType<typeof TrainingError>[] = [];
    for (const { origin, python } of candidates) {
      try {
        return await findPython({ configured: python, workspaceFolder: folder.uri.fsPath }, this.trainerFolder);
      } catch (error) {
        if (!(error instanceof TrainingError)) throw error;
        this.#log.info(`Python (${origin}) cannot train: ${error.message}`);
        failures.push(error);
      }
    }
    throw nearestFailure(failures) ?? new Error('No Python was looked at.');
  }

  #become(state: EnvironmentState): void {
    this.#state = state;
    void vscode.commands.executeCommand('setContext', contextKeys.environment, state);
    this.#news.fire(state);
  }
}
