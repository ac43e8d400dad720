import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import * as vscode from 'vscode';
import { visibleLine } from '../../../core/text/escapeText.ts';
import { Channel, type MessageContract, type Handlers } from '../../../protocol/channel.ts';
import { describeError } from './messageChecks.ts';
import type { PanelIdentity } from './panelIdentity.ts';
import { webviewHtml } from './webviewHtml.ts';

/** A kind of panel: its view type in `package.json` and in saved windows, and its bundle in `dist/webview`. */
export interface PanelKind {
  readonly viewType: string;
  readonly bundle: string;
}

export interface PanelPageOptions<FromWebview extends MessageContract> {
  readonly kind: PanelKind;
  readonly panel: vscode.WebviewPanel;
  readonly extensionUri: vscode.Uri;
  readonly identity: PanelIdentity;
  readonly title: string;
  /** Folders with images that the page may load. */
  readonly imageRoots: readonly vscode.Uri[];
  readonly handlers: Handlers<FromWebview>;
  readonly check: (type: string, payload: unknown) => unknown;
  readonly log: vscode.LogOutputChannel;
  /** The panel became visible. While hidden, it may have missed messages. */
  readonly onShown: () => void;
}

/** The page of a webview panel, and the host's end of the channel to it. */
export class PanelPage<FromWebview extends MessageContract, FromHost extends MessageContract> {
  readonly panel: vscode.WebviewPanel;
  readonly channel: Channel<FromWebview, FromHost>;
  readonly #extensionUri: vscode.Uri;
  #roots = '';

  constructor(options: PanelPageOptions<FromWebview>) {
    const { kind, panel, log } = options;
    this.panel = panel;
    this.#extensionUri = options.extensionUri;
    this.channel = new Channel<FromWebview, FromHost>({
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- VS Code's own function takes none.
      post: (envelope) => void panel.webview.postMessage(envelope),
      handlers: options.handlers,
      check: options.check,
      describeError: (error) => {
        const report = describeError(error);
        log.warn(`${kind.bundle} panel: ${report.code}: ${report.message}`);
        if (report.code === 'unexpected' && error instanceof Error) log.error(error);
        return report;
      },
    });
    const subscriptions = [
      panel.webview.onDidReceiveMessage((message: unknown) => {
        try {
          this.channel.receive(message);
        } catch (error) {
          log.warn(`${kind.bundle} panel: ${describeError(error).message}`);
        }
      }),
      panel.onDidChangeViewState(() => {
        if (panel.visible) options.onShown();
      }),
    ];
    panel.onDidDispose(() => {
      for (const subscription of subscriptions) subscription.dispose();
      this.channel.close({ code: 'closed', message: 'The panel was closed.', hint: 'Open it again.' });
    });
    // First: the page's own files load only from these roots.
    this.allowImages(options.imageRoots);
    panel.title = visibleLine(options.title);
    panel.webview.html = pageHtml(options);
    panel.iconPath = iconPaths(options);
  }

  /** Sets the folders whose images the page may load. VS Code reloads the page if they changed. */
  allowImages(imageRoots: readonly vscode.Uri[]): void {
    const roots = [...bundledRoots(this.#extensionUri), ...imageRoots];
    const key = roots.map(String).join('\n');
    if (key === this.#roots) return;
    this.#roots = key;
    this.panel.webview.options = { enableScripts: true, enableForms: false, localResourceRoots: roots };
  }
}

function bundledRoots(extensionUri: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extensionUri, 'dist', 'webview'), vscode.Uri.joinPath(extensionUri, 'media')];
}

function pageHtml<FromWebview extends MessageContract>(options: PanelPageOptions<FromWebview>): string {
  const { webview } = options.panel;
  const folder = vscode.Uri.joinPath(options.extensionUri, 'dist', 'webview');
  const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
  const sharedModules = readdirSync(folder.fsPath).filter((name) => /^shared-.*\.js$/.test(name));
  return webviewHtml({
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('base64url'),
    scriptUri: file(`${options.kind.bundle}.js`),
    moduleUris: sharedModules.map(file),
    styleUri: file(`${options.kind.bundle}.css`),
    title: options.title,
    language: vscode.env.language,
    identity: options.identity,
  });
}

function iconPaths<FromWebview extends MessageContract>({
  extensionUri,
  kind,
}: PanelPageOptions<FromWebview>): {
  light: vscode.Uri;
  dark: vscode.Uri;
} {
  const file = (theme: string): vscode.Uri =>
    vscode.Uri.joinPath(extensionUri, 'media', 'panels', `${kind.bundle}-${theme}.svg`);
  return { light: file('light'), dark: file('dark') };
}

/** The texts of a page in the user's language, by English text. */
export function translatePage(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => [text, vscode.l10n.t(text)]));
}
