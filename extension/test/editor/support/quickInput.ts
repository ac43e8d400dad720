import type { Locator, Page } from 'playwright-core';
import { appearLimit, poll } from './poll.ts';

/** The label of a row of a quick pick: exact text, or a pattern. */
export type RowLabel = string | RegExp;

function matches(text: string, wanted: RowLabel): boolean {
  return typeof wanted === 'string' ? text === wanted : wanted.test(text);
}

/** What stands in one row of a quick pick. */
export interface QuickRow {
  label: string;
  description: string;
  detail: string;
  checked: boolean | null;
}

/** VS Code's quick pick and input box: one widget at the top of the window. */
export class QuickInput {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get #widget(): Locator {
    return this.#page.locator('.quick-input-widget');
  }

  get #field(): Locator {
    return this.#widget.locator('.quick-input-box input');
  }

  get #rows(): Locator {
    return this.#widget.locator('.quick-input-list .monaco-list-row');
  }

  async isOpen(): Promise<boolean> {
    return this.#widget.isVisible();
  }

  /** Waits for it to show; with a title or a placeholder, waits for that step of a multi-step input. */
  async waitFor(heading?: RowLabel): Promise<void> {
    await poll(`a quick input${heading === undefined ? '' : ` "${heading}"`}`, appearLimit, async () => {
      if (!(await this.isOpen())) return undefined;
      if (heading === undefined) return true;
      const shown = [await this.title(), await this.placeholder()];
      return shown.some((text) => matches(text, heading)) || undefined;
    });
  }

  async waitUntilClosed(): Promise<void> {
    await this.#widget.waitFor({ state: 'hidden', timeout: appearLimit });
  }

  /** The title without its step, such as "New training session". */
  async title(): Promise<string> {
    const title = this.#widget.locator('.quick-input-title');
    return (await title.isVisible()) ? (await title.innerText()).trim() : '';
  }

  async placeholder(): Promise<string> {
    return (await this.#field.getAttribute('placeholder')) ?? '';
  }

  async value(): Promise<string> {
    return this.#field.inputValue();
  }

  /** The line below the field: the prompt, or what validation says. */
  async message(): Promise<string> {
    const message = this.#widget.locator('.quick-input-message');
    return (await message.isVisible()) ? (await message.innerText()).trim() : '';
  }

  /** Replaces the text of the field. */
  async fill(text: string): Promise<void> {
    await this.#field.fill(text);
  }

  /** The rows that are drawn; a long list draws only what is in sight. */
  async rows(): Promise<QuickRow[]> {
    const rows: QuickRow[] = [];
    for (const row of await this.#rows.all()) {
      const text = async (selector: string): Promise<string> => {
        const part = row.locator(selector);
        return (await part.count()) > 0 ? ((await part.first().textContent()) ?? '').trim() : '';
      };
      const box = row.locator('.quick-input-list-checkbox');
      const hasBox = (await box.count()) > 0 && (await box.first().isVisible());
      rows.push({
        label: await text('.monaco-icon-name-container .label-name'),
        description: await text('.monaco-icon-description-container .label-description'),
        detail: await text('.quick-input-list-label-meta'),
        checked: hasBox ? (await box.first().getAttribute('aria-checked')) === 'true' : null,
      });
    }
    return rows;
  }

  async #row(label: RowLabel): Promise<Locator> {
    return poll(`a row "${label}" in the quick pick`, appearLimit, async () => {
      for (const row of await this.#rows.all()) {
        const name = row.locator('.monaco-icon-name-container .label-name');
        if ((await name.count()) > 0 && matches(((await name.first().textContent()) ?? '').trim(), label)) return row;
      }
      return undefined;
    });
  }

  /** Chooses a row with the mouse. */
  async pick(label: RowLabel): Promise<void> {
    await (await this.#row(label)).click();
  }

  /** Presses a button of the title bar ("Back") or of a row, by its tooltip. */
  async press(button: RowLabel): Promise<void> {
    await this.#widget.getByRole('button', { name: button }).first().click();
  }

  /** Enter: takes the row in focus or the text. */
  async accept(): Promise<void> {
    await this.#field.press('Enter');
  }

  /** Escape, as often as it takes. */
  async cancel(): Promise<void> {
    for (let attempt = 0; attempt < 3 && (await this.isOpen()); attempt += 1) {
      await this.#page.keyboard.press('Escape');
      await this.#widget.waitFor({ state: 'hidden', timeout: 1000 }).catch(() => undefined);
    }
  }

  /**
   * Runs a command of the palette by its full name ("Category: Title"). Tries again while the editor is still starting
   * and does not know it yet.
   * @throws Error that says which similar commands there are.
   */
  async runCommand(title: string, limit = 120_000): Promise<void> {
    const end = Date.now() + limit;
    let seen: string[] = [];
    for (let attempt = 0; ; attempt += 1) {
      if (await this.#openPalette(attempt)) {
        await this.fill(`>${title}`);
        const found = await this.#firstExact(title);
        if (found !== null) {
          await found.click();
          return;
        }
        seen = (await this.rows()).map((row) => row.label);
      }
      if (Date.now() > end) break;
      await this.cancel();
      await this.#page.waitForTimeout(300);
    }
    await this.cancel();
    throw new Error(`The command palette has no "${title}". It offered: ${seen.slice(0, 8).join(' · ') || 'nothing'}.`);
  }

  async #openPalette(attempt: number): Promise<boolean> {
    if (await this.isOpen()) await this.cancel();
    // A page inside a webview may keep keys for itself; then the editor takes the focus first.
    if (attempt > 0) {
      const statusBar = this.#page.locator('.monaco-workbench .part.statusbar');
      await statusBar.click({ position: { x: 2, y: 2 }, timeout: 2000 }).catch(() => undefined);
    }
    await this.#page.keyboard.press('F1');
    await this.#widget.waitFor({ state: 'visible', timeout: 3000 }).catch(() => undefined);
    return this.isOpen();
  }

  async #firstExact(title: string): Promise<Locator | null> {
    try {
      return await poll(`the command "${title}"`, 2000, async () => {
        for (const row of (await this.#rows.all()).slice(0, 12)) {
          const name = row.locator('.monaco-icon-name-container .label-name').first();
          const text = (await name.textContent({ timeout: 500 }).catch(() => null)) ?? '';
          if (text.trim() === title) return row;
        }
        return undefined;
      });
    } catch {
      return null;
    }
  }
}
