// The classes of VS Code's API, as far as the extension uses them.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export class Disposable {
  readonly #action: () => void;
  constructor(action: () => void = () => {}) {
    this.#action = action;
  }
  dispose(): void {
    this.#action();
  }
  static from(...items: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const item of items) item.dispose();
    });
  }
}

export class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void): Disposable => {
    this.#listeners.add(listener);
    return new Disposable(() => this.#listeners.delete(listener));
  };
  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class Uri {
  readonly scheme: string;
  readonly fsPath: string;
  readonly query: string;
  constructor(path: string, scheme = 'file', query = '') {
    this.fsPath = path;
    this.scheme = scheme;
    this.query = query;
  }
  static from({ scheme, path, query }: { scheme: string; path: string; query?: string }): Uri {
    return new Uri(path, scheme, query);
  }
  get path(): string {
    return this.fsPath;
  }
  toString(): string {
    return pathToFileURL(this.fsPath).href;
  }
  static file(path: string): Uri {
    return new Uri(path);
  }
  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri(join(base.fsPath, ...parts));
  }
}

export class RelativePattern {
  readonly base: string;
  readonly pattern: string;
  constructor(folder: { uri: Uri } | Uri, pattern: string) {
    this.base = (folder instanceof Uri ? folder : folder.uri).fsPath;
    this.pattern = pattern;
  }
}

export class CancellationTokenSource {
  readonly #asked = new EventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.#asked.event };
  cancel(): void {
    this.token.isCancellationRequested = true;
    this.#asked.fire();
  }
  dispose(): void {
    this.#asked.dispose();
  }
}

export class Plain {
  readonly values: readonly unknown[];
  constructor(...values: readonly unknown[]) {
    this.values = values;
  }
}
