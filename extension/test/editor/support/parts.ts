import type { Frame, Locator, Page } from 'playwright-core';
import type { PageElement } from './page.ts';
import { appearLimit, poll } from './poll.ts';

/** A message in the corner of the window. */
export interface EditorNotification {
  severity: 'error' | 'warning' | 'info' | 'none';
  message: string;
  buttons: string[];
}

/** A row of a tree view. */
export interface TreeRow {
  /** What a screen reader says; the item's accessibility label, or its text. */
  name: string;
  label: string;
  description: string;
  /** Name of the codicon, such as `checklist`. */
  icon: string;
  /** 1 for the top level. */
  level: number;
  expanded: boolean | null;
  selected: boolean;
}

async function textOf(locator: Locator): Promise<string> {
  return (await locator.count()) > 0 ? ((await locator.first().textContent()) ?? '').trim() : '';
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** Toasts and modal dialogs. */
export class Notifications {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get #toasts(): Locator {
    const lists = ['.notifications-toasts', '.notifications-center'];
    return this.#page.locator(lists.map((list) => `${list} .notification-list-item`).join(', '));
  }

  /** The toasts that are in sight, and what the list of notifications holds while it is open. */
  async all(): Promise<EditorNotification[]> {
    // Read at once: toasts come and go.
    return this.#toasts.evaluateAll((toasts: PageElement[]) =>
      toasts.map((toast) => {
        const buttons = [...toast.querySelectorAll('.notification-list-item-buttons-container .monaco-button')];
        const has = (icon: string): boolean =>
          toast.querySelector(`.notification-list-item-icon.codicon-${icon}`) !== null;
        return {
          severity: (['error', 'warning', 'info'] as const).find(has) ?? 'none',
          message: toast.querySelector('.notification-list-item-message')?.textContent?.trim() ?? '',
          buttons: buttons.map((button) => button.textContent?.trim() ?? '').filter((text) => text !== ''),
        };
      }),
    );
  }

  /** Waits for a toast whose message contains a text or matches a pattern. */
  async waitFor(message: string | RegExp, limit = appearLimit): Promise<EditorNotification> {
    return poll(`a notification "${message}"`, limit, async () =>
      (await this.all()).find((one) =>
        typeof message === 'string' ? one.message.includes(message) : message.test(one.message),
      ),
    );
  }

  /** Who the toast with this message says that it is from; VS Code names the extension where there are buttons. */
  async source(message: string | RegExp): Promise<string> {
    await this.waitFor(message);
    return textOf(this.#toasts.filter({ hasText: message }).first().locator('.notification-list-item-source'));
  }

  /** Presses a button of the toast with this message. */
  async press(message: string | RegExp, button: string): Promise<void> {
    await this.waitFor(message);
    const toast = this.#toasts.filter({ hasText: message }).first();
    await toast.getByRole('button', { name: button, exact: true }).first().click();
  }

  /** The text of the modal dialog that is open, or null. */
  async dialog(): Promise<{ message: string; detail: string; buttons: string[] } | null> {
    const box = this.#page.locator('.monaco-dialog-box');
    if (!(await box.isVisible())) return null;
    return {
      message: await textOf(box.locator('.dialog-message-text')),
      detail: await textOf(box.locator('.dialog-message-detail')),
      buttons: (await box.locator('.dialog-buttons .monaco-button').allTextContents()).map((text) => text.trim()),
    };
  }

  /** Presses a button of the modal dialog, once it shows. */
  async pressInDialog(button: string): Promise<void> {
    const box = this.#page.locator('.monaco-dialog-box');
    await box.getByRole('button', { name: button, exact: true }).click();
    await box.waitFor({ state: 'hidden', timeout: appearLimit });
  }
}

/** A tree view of the side bar or the panel, found by its accessible name (its title). */
export class TreeView {
  readonly #page: Page;
  readonly #tree: Locator;
  readonly #name: string | RegExp;

  constructor(page: Page, name: string | RegExp) {
    this.#page = page;
    this.#name = name;
    this.#tree = page.getByRole('tree', typeof name === 'string' ? { name, exact: true } : { name });
  }

  /** The rows in sight, from the top. */
  async rows(): Promise<TreeRow[]> {
    // Read at once: the tree is drawn anew at every change.
    return this.#tree.getByRole('treeitem').evaluateAll((rows: PageElement[]) =>
      rows.map((row) => {
        const text = (selector: string): string => row.querySelector(selector)?.textContent?.trim() ?? '';
        const expanded = row.getAttribute('aria-expanded');
        return {
          name: row.getAttribute('aria-label') ?? '',
          label: text('.monaco-icon-name-container'),
          description: text('.monaco-icon-description-container'),
          icon:
            /codicon-([a-z-]+)/.exec(row.querySelector('.custom-view-tree-node-item-icon')?.className ?? '')?.[1] ?? '',
          level: Number(row.getAttribute('aria-level')),
          expanded: expanded === null ? null : expanded === 'true',
          selected: row.getAttribute('aria-selected') === 'true',
        };
      }),
    );
  }

  /** The rows as text, such as `checklist Spots: 3 to review`, indented by their level. */
  async lines(): Promise<string[]> {
    return (await this.rows()).map(({ icon, label, description, level }) => {
      const indent = '  '.repeat(level - 1);
      return `${indent}${icon} ${label}${description === '' ? '' : `: ${description}`}`;
    });
  }

  /** Waits until the rows, as text, are as they should be. */
  async waitForLines(what: string, found: (lines: readonly string[]) => boolean): Promise<string[]> {
    return poll(`rows of the tree: ${what}`, appearLimit, async () => {
      const lines = await this.lines();
      return found(lines) ? lines : undefined;
    });
  }

  /**
   * Waits for a row whose label is a text or matches a pattern. It is found by its label again whenever it is used: the
   * tree changes the order of its elements when it draws again.
   */
  async row(label: string | RegExp): Promise<Locator> {
    const pattern = typeof label === 'string' ? new RegExp(`^\\s*${escapeRegExp(label)}\\s*$`) : label;
    const name = this.#page.locator('.monaco-icon-name-container', { hasText: pattern });
    const row = this.#tree.getByRole('treeitem').filter({ has: name }).first();
    return poll(`a row "${label}" in the view "${this.#name}"`, appearLimit, async () =>
      (await row.count()) > 0 ? row : undefined,
    );
  }

  async click(label: string | RegExp): Promise<void> {
    await (await this.row(label)).click();
  }

  async expand(label: string | RegExp): Promise<void> {
    const row = await this.row(label);
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.locator('.monaco-tl-twistie').click();
  }

  /** Presses an inline action of a row by its tooltip. */
  async pressInline(label: string | RegExp, action: string): Promise<void> {
    const row = await this.row(label);
    await row.hover();
    await row.getByRole('button', { name: action }).first().click();
  }

  /** Chooses an entry of a row's context menu. */
  async chooseInMenu(page: Page, label: string | RegExp, entry: string): Promise<void> {
    await (await this.row(label)).click({ button: 'right' });
    const menu = page.locator('.context-view .monaco-menu');
    const item = menu.getByRole('menuitem', { name: entry }).first();
    await item.waitFor();
    // VS Code takes no click in a menu's first moments, lest the one that opened it chooses.
    await poll(`"${entry}" to be chosen`, appearLimit, async () => {
      if (await menu.isVisible()) await item.click({ timeout: 2000 });
      return (await menu.isVisible()) ? undefined : true;
    });
  }

  /** The text of the row that the keyboard is on. */
  async focused(): Promise<string> {
    return textOf(this.#tree.locator('.monaco-list-row.focused'));
  }
}

/**
 * The frame of a webview, known by an element that it holds. VS Code nests two frames in every webview and gives none of
 * them a name that a test could use.
 */
export async function findWebview(page: Page, selector: string, limit = appearLimit): Promise<Frame> {
  return poll(`a webview with ${selector}`, limit, async () => {
    for (const frame of page.frames()) {
      if (frame === page.mainFrame() || frame.isDetached()) continue;
      if (
        (await frame
          .locator(selector)
          .count()
          .catch(() => 0)) > 0
      )
        return frame;
    }
    return undefined;
  });
}

/** Waits until the text of a page contains a text. @returns all of the page's text. */
export async function waitForText(frame: Frame, text: string): Promise<string> {
  return poll(`"${text}" on the page`, appearLimit, async () => {
    const seen = await frame.locator('#root').innerText();
    return seen.includes(text) ? seen : undefined;
  });
}

/** Waits until a review page draws its picture: no verdict but a rejection is taken before. */
export async function waitForPicture(frame: Frame): Promise<void> {
  await frame.locator('.review-canvas[data-image=ready]').waitFor({ timeout: appearLimit });
}
