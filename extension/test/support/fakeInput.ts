// Quick picks and input boxes without a window. A script answers them; what nobody answers is left with Escape.
import { setTimeout as sleep } from 'node:timers/promises';

/** What the person before the screen does next. */
export type Act =
  /** Enter; `early` without waiting for a list that is still being filled. */
  | { readonly do: 'accept'; readonly early?: boolean }
  /** Chooses the row whose label is the text, or holds it. */
  | { readonly do: 'pick'; readonly row: string }
  /** Replaces the text of the field. */
  | { readonly do: 'type'; readonly text: string }
  /** Presses a button of the title bar or, with `row`, of a row. */
  | { readonly do: 'press'; readonly button: string; readonly row?: string }
  | { readonly do: 'escape' }
  /** Chooses files, folders or the target of a dialog. */
  | { readonly do: 'browse'; readonly paths: readonly string[] }
  /** Presses a button of a message. */
  | { readonly do: 'answer'; readonly button: string };

/** A question as the person saw it. */
export interface Asked {
  readonly kind: 'list' | 'input' | 'open' | 'save';
  readonly title: string;
  readonly step: number | undefined;
  /** The placeholder or the prompt. */
  readonly text: string;
  /** The field as it was offered. */
  readonly value: string;
  /** Whether it was busy when it came up. */
  readonly busy: boolean;
  /** Rows as they were when an act was done: label, then description. */
  rows: readonly (readonly [label: string, description: string])[];
  /** The row in focus, at that time. */
  active: string;
  /** What validation said, after each act. */
  readonly complaints: string[];
}

/** The script of a test, and what it met. */
export const script = {
  acts: [] as Act[],
  asked: [] as Asked[],
  /** An act that could not be done. */
  fault: null as unknown,
};

interface Button {
  readonly tooltip?: string;
}
interface Row {
  readonly label: string;
  readonly description?: string;
  readonly kind?: number;
  readonly buttons?: readonly Button[];
}
type Listener<T> = (value: T) => void;

/** The button that every multi-step question shares. */
export const backButton: Button = { tooltip: 'Back' };

function isEarly(act: Act | undefined): boolean {
  return act?.do === 'accept' && act.early === true;
}

function plain(label: string): string {
  return label.replaceAll(/\$\([\w~-]+\) ?/g, '');
}

export class FakeInput {
  title: string | undefined = '';
  step: number | undefined;
  totalSteps: number | undefined;
  placeholder: string | undefined = '';
  prompt: string | undefined = '';
  value = '';
  busy = false;
  buttons: readonly Button[] = [];
  activeItems: readonly Row[] = [];
  selectedItems: readonly Row[] = [];
  validationMessage: string | undefined;
  readonly #kind: 'list' | 'input';
  readonly #onShow: () => void;
  #items: readonly Row[] = [];
  #visible = false;
  readonly #accept: Listener<void>[] = [];
  readonly #change: Listener<string>[] = [];
  readonly #hide: Listener<void>[] = [];
  readonly #button: Listener<Button>[] = [];
  readonly #itemButton: Listener<{ item: Row; button: Button }>[] = [];

  constructor(kind: 'list' | 'input', onShow: () => void) {
    this.#kind = kind;
    this.#onShow = onShow;
  }

  get items(): readonly Row[] {
    return this.#items;
  }
  /** As in VS Code, the first row takes the focus, but none does where rows are replaced while they show. */
  set items(items: readonly Row[]) {
    this.#items = items;
    this.activeItems = this.#visible ? [] : items.filter(({ kind }) => kind !== -1).slice(0, 1);
  }

  onDidAccept = this.#register(this.#accept);
  onDidChangeValue = this.#register(this.#change);
  onDidHide = this.#register(this.#hide);
  onDidTriggerButton = this.#register(this.#button);
  onDidTriggerItemButton = this.#register(this.#itemButton);

  show(): void {
    this.#visible = true;
    this.#onShow();
    setImmediate(() => void this.#play());
  }

  hide(): void {
    if (!this.#visible) return;
    this.#visible = false;
    for (const listener of this.#hide) listener();
  }

  dispose(): void {
    this.hide();
  }

  #register<T>(listeners: Listener<T>[]) {
    return (listener: Listener<T>) => {
      listeners.push(listener);
      return { dispose() {} };
    };
  }

  async #play(): Promise<void> {
    const asked: Asked = {
      kind: this.#kind,
      title: this.title ?? '',
      step: this.step,
      text: (this.#kind === 'list' ? this.placeholder : this.prompt) ?? '',
      value: this.value,
      busy: this.busy,
      rows: [],
      active: '',
      complaints: [],
    };
    script.asked.push(asked);
    while (this.#visible) {
      // People wait for what they look for.
      while (this.busy && this.#visible && !isEarly(script.acts[0])) await sleep(2);
      asked.rows = this.#items.map(({ label, description = '' }) => [plain(label), description]);
      asked.active = plain(this.activeItems[0]?.label ?? '');
      const act = script.acts.shift();
      if (act === undefined || act.do === 'escape') this.hide();
      else this.#try(act);
      if (this.validationMessage !== undefined) asked.complaints.push(this.validationMessage);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #try(act: Act): void {
    try {
      this.#perform(act);
    } catch (error) {
      script.fault ??= error;
      this.hide();
    }
  }

  #perform(act: Act): void {
    switch (act.do) {
      case 'accept':
        this.selectedItems = this.activeItems;
        for (const listener of this.#accept) listener();
        return;
      case 'pick':
        this.activeItems = [this.#row(act.row)];
        this.#perform({ do: 'accept' });
        return;
      case 'type':
        this.value = act.text;
        for (const listener of this.#change) listener(act.text);
        return;
      case 'press':
        this.#press(act.button, act.row);
        return;
      default:
        throw new Error(`"${this.title ?? ''}" cannot be met with ${JSON.stringify(act)}.`);
    }
  }

  #press(tooltip: string, row: string | undefined): void {
    const item = row === undefined ? undefined : this.#row(row);
    const button = (item?.buttons ?? this.buttons).find((one) => one.tooltip === tooltip);
    if (button === undefined) throw new Error(`"${this.title ?? ''}" has no button "${tooltip}".`);
    if (item === undefined) for (const listener of this.#button) listener(button);
    else for (const listener of this.#itemButton) listener({ item, button });
  }

  #row(text: string): Row {
    const rows = this.#items.filter(({ kind }) => kind !== -1);
    const found =
      rows.find(({ label }) => plain(label) === text) ?? rows.find(({ label }) => plain(label).includes(text));
    if (found !== undefined) return found;
    throw new Error(`No row "${text}" among: ${this.#items.map(({ label }) => plain(label)).join(', ')}`);
  }
}

/** The button of a message that the script presses, if it is one of these. */
export function pressed<T extends string | { readonly title?: string }>(ways: readonly T[]): T | undefined {
  const [act] = script.acts;
  if (act?.do !== 'answer') return undefined;
  const way = ways.find((one) => (typeof one === 'string' ? one : one.title) === act.button);
  if (way !== undefined) script.acts.shift();
  return way;
}

/** The paths that a file dialog is left with; undefined where it is dismissed. */
export function browsed(kind: 'open' | 'save', options: { readonly title?: string; readonly saveLabel?: string } = {}) {
  const { title = '', saveLabel = '' } = options;
  script.asked.push({
    kind,
    title,
    step: undefined,
    text: saveLabel,
    value: '',
    busy: false,
    rows: [],
    active: '',
    complaints: [],
  });
  const [act] = script.acts;
  if (act?.do !== 'browse') return undefined;
  script.acts.shift();
  return act.paths;
}

/** What people do, in short. */
export const accept: Act = { do: 'accept' };
export const goBack: Act = { do: 'press', button: 'Back' };
export const escape: Act = { do: 'escape' };
export const pick = (row: string): Act => ({ do: 'pick', row });
export const answer = (button: string): Act => ({ do: 'answer', button });
export const browse = (...paths: string[]): Act => ({ do: 'browse', paths });
/** Types a text and presses Enter. */
export const enter = (text: string): readonly Act[] => [{ do: 'type', text }, accept];
