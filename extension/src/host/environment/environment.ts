import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { toErrorReport } from '../../core/errors.ts';
import type { TrainingEnvironment } from '../../workflow/ports/trainer.ts';
import { contextKeys, settingKeys, settingsSection } from '../ids.ts';
import { isInside } from '../paths.ts';
import { Disposables } from '../lifecycle.ts';
import { configuredPython } from '../settings.ts';
import { completeStep } from '../ui/walkthrough.ts';
import { mostHelpfulFailure, pythonCandidates } from './candidates.ts';
import { versionDifferences, parsePinnedVersions } from './pins.ts';
import { finishedEnvironments, pythonIn, requirementsName } from './places.ts';
import { activeInterpreter, followInterpreter } from './pythonExtension.ts';

export type EnvironmentState = 'unknown' | 'checking' | 'ready' | 'missing';

/** The state of the Python of one workspace folder. */
interface Knowledge {
  state: EnvironmentState;
  /** A Python that worked in this window. */
  works: string | undefined;
  /** The current search; late results of earlier searches are ignored. */
  search: Promise<TrainingEnvironment> | null;
}

/** Finds the Python to train with for each workspace folder, and remembers the one that worked. */
export class PythonEnvironment {
  readonly #context: vscode.ExtensionContext;
  readonly #log: vscode.LogOutputChannel;
  readonly #owned = new Disposables();
  readonly #known = new Map<string, Knowledge>();
  #following: Promise<void> | null = null;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#log = log;
    const setting = `${settingsSection}.${settingKeys.pythonPath}`;
    this.#owned.track(
      vscode.workspace.onDidChangeConfiguration((event) => {
        for (const folder of vscode.workspace.workspaceFolders ?? []) {
          if (event.affectsConfiguration(setting, folder)) void this.#lookAnew(folder);
        }
      }),
    );
    this.#owned.track(
      vscode.workspace.onDidChangeWorkspaceFolders(({ removed }) => {
        for (const folder of removed) this.#known.delete(folder.uri.toString());
        this.#publish();
      }),
    );
  }

  /** The state of the window: ready if any folder has a Python to train with. */
  get state(): EnvironmentState {
    const states = new Set([...this.#known.values()].map(({ state }) => state));
    const order: readonly EnvironmentState[] = ['ready', 'checking', 'missing'];
    return order.find((state) => states.has(state)) ?? 'unknown';
  }

  /** The folder with the package `al_trainer` and `requirements.txt`. */
  get trainerFolder(): string {
    return this.#context.asAbsolutePath('trainer');
  }

  /** The folder of virtual environments that the setup created: the current one and the previous one. */
  get environmentsFolder(): string {
    return join(this.#context.globalStorageUri.fsPath, 'environments');
  }

  /** The interpreter of the newest complete environment; in a checkout, the one of the checkout. */
  get privatePython(): string | undefined {
    const newest = finishedEnvironments(this.environmentsFolder).at(-1);
    if (newest !== undefined) return pythonIn(newest);
    const checkout = pythonIn(join(this.trainerFolder, '.venv'));
    return existsSync(checkout) ? checkout : undefined;
  }

  /** The Python that last worked, without starting one. */
  remembered(folder: vscode.WorkspaceFolder): string | undefined {
    return configuredPython(folder) ?? this.#lastFound(folder);
  }

  /**
   * A Python that can train. It is started once per window, since Python and its packages may have changed.
   * @throws TrainingError `python-missing`, `python-too-old`, `packages-missing`, `trainer-broken`.
   */
  async find(folder: vscode.WorkspaceFolder): Promise<string> {
    const { works } = this.#of(folder);
    return works !== undefined && existsSync(works) ? works : (await this.check(folder)).python;
  }

  /** Starts the candidates until one can train. @throws like `find`. */
  check(folder: vscode.WorkspaceFolder): Promise<TrainingEnvironment> {
    const known = this.#of(folder);
    if (known.search !== null) return known.search;
    const search = this.#search(folder, () => known.search === search);
    known.search = search;
    const over = (): void => {
      if (known.search === search) known.search = null;
    };
    search.then(over, over);
    return search;
  }

  /** The Pythons that are known without a search, each once; none of them is started. */
  async found(folder: vscode.WorkspaceFolder): Promise<readonly string[]> {
    const pythons = [
      this.#of(folder).works,
      configuredPython(folder),
      this.#lastFound(folder),
      this.privatePython,
      await this.#activeInterpreter(folder),
    ];
    return [...new Set(pythons)].flatMap((python) => (python !== undefined && existsSync(python) ? [python] : []));
  }

  /** Searches in the background if no Python is known, and sets the context key of the welcome view. */
  async look(): Promise<void> {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    if (folder === undefined || !vscode.workspace.isTrusted) return;
    const { state } = this.#of(folder);
    if (state === 'missing' || (state === 'unknown' && this.#lastFound(folder) === undefined)) {
      await this.#checkQuietly(folder);
    }
  }

  /** After a failed training, the next one checks Python first and reports what is wrong with it. */
  doubt(folder: vscode.WorkspaceFolder): void {
    this.#of(folder).works = undefined;
  }

  /** Forgets which Python worked, in all folders. */
  async forget(): Promise<void> {
    for (const folder of vscode.workspace.workspaceFolders ?? []) await this.#forget(folder);
  }

  /**
   * The differences between the environment that this extension set up and the versions that it needs now; empty if the
   * user selected the Python.
   */
  outdated(folder: vscode.WorkspaceFolder): readonly string[] {
    const python = this.remembered(folder);
    if (python === undefined) return [];
    const own = finishedEnvironments(this.environmentsFolder).find((path) => isInside(path, python));
    if (own === undefined) return [];
    return versionDifferences(pinsIn(join(own, requirementsName)), this.pins);
  }

  /** The package versions that this version of the extension is tested with. */
  get pins(): ReadonlyMap<string, string> {
    return pinsIn(join(this.trainerFolder, requirementsName));
  }

  /** Subscribes to the Python extension if a folder may use its interpreter. */
  async followChoice(): Promise<void> {
    const folders = vscode.workspace.workspaceFolders ?? [];
    if (folders.some((folder) => this.#lastFound(folder) !== undefined && this.#followsChoice(folder))) {
      await this.#follow();
    }
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #of(folder: vscode.WorkspaceFolder): Knowledge {
    const key = folder.uri.toString();
    const known = this.#known.get(key) ?? { state: 'unknown', works: undefined, search: null };
    this.#known.set(key, known);
    return known;
  }

  /** The result of the last search, in this or an earlier window. */
  #lastFound(folder: vscode.WorkspaceFolder): string | undefined {
    const python = this.#context.workspaceState.get<string>(memoryKey(folder));
    return python !== undefined && existsSync(python) ? python : undefined;
  }

  async #forget(folder: vscode.WorkspaceFolder): Promise<void> {
    const known = this.#of(folder);
    known.works = undefined;
    known.search = null;
    await this.#context.workspaceState.update(memoryKey(folder), undefined);
    this.#become(known, 'unknown');
  }

  /** The selected Python changed: checks it if the state is shown. */
  async #lookAnew(folder: vscode.WorkspaceFolder): Promise<void> {
    const looked = this.#of(folder).state !== 'unknown';
    await this.#forget(folder);
    if (looked && vscode.workspace.isTrusted) await this.#checkQuietly(folder);
  }

  async #checkQuietly(folder: vscode.WorkspaceFolder): Promise<void> {
    try {
      await this.check(folder);
    } catch (error) {
      this.#log.info(`No training environment yet: ${toErrorReport(error).message}`);
    }
  }

  /** Whether the folder may use the interpreter of the Python extension: there is no setting and no environment. */
  #followsChoice(folder: vscode.WorkspaceFolder): boolean {
    return configuredPython(folder) === undefined && this.privatePython === undefined;
  }

  #follow(): Promise<void> {
    this.#following ??= followInterpreter(() => {
      for (const folder of vscode.workspace.workspaceFolders ?? []) {
        if (this.#followsChoice(folder)) void this.#lookAnew(folder);
      }
    }).then(
      (subscription) => {
        if (subscription !== undefined) this.#owned.track(subscription);
        // The extension may be installed later.
        else this.#following = null;
      },
      (error: unknown) => this.#log.warn(`The Python extension did not answer: ${String(error)}`),
    );
    return this.#following;
  }

  async #search(folder: vscode.WorkspaceFolder, counts: () => boolean): Promise<TrainingEnvironment> {
    const known = this.#of(folder);
    this.#become(known, 'checking');
    try {
      const environment = await this.#firstThatWorks(folder);
      this.#log.info(
        `Training environment: ${environment.python} (Python ${environment.pythonVersion}; ${environment.devices.join(', ')})`,
      );
      if (!counts()) return environment;
      known.works = environment.python;
      await this.#context.workspaceState.update(memoryKey(folder), environment.python);
      this.#become(known, 'ready');
      return environment;
    } catch (error) {
      if (!counts()) throw error;
      known.works = undefined;
      await this.#context.workspaceState.update(memoryKey(folder), undefined);
      this.#become(known, 'missing');
      throw error;
    }
  }

  async #firstThatWorks(folder: vscode.WorkspaceFolder): Promise<TrainingEnvironment> {
    const { findPython, TrainingError } = await import('./deferred.ts');
    await this.#follow();
    const candidates = pythonCandidates({
      setting: configuredPython(folder),
      privateEnvironment: this.privatePython,
      pythonExtension: await this.#activeInterpreter(folder),
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
    throw mostHelpfulFailure(failures) ?? new Error('No Python was looked at.');
  }

  async #activeInterpreter(folder: vscode.WorkspaceFolder): Promise<string | undefined> {
    try {
      return await activeInterpreter(folder);
    } catch (error) {
      this.#log.warn(`The Python extension did not answer: ${String(error)}`);
      return undefined;
    }
  }

  #become(known: Knowledge, state: EnvironmentState): void {
    known.state = state;
    if (state === 'ready') completeStep('environment');
    this.#publish();
  }

  #publish(): void {
    if (this.#owned.isDisposed) return;
    void vscode.commands.executeCommand('setContext', contextKeys.environment, this.state);
  }
}

function memoryKey(folder: vscode.WorkspaceFolder): string {
  return `environment.python ${folder.uri.toString()}`;
}

function pinsIn(file: string): ReadonlyMap<string, string> {
  return existsSync(file) ? parsePinnedVersions(readFileSync(file, 'utf8')) : new Map();
}
