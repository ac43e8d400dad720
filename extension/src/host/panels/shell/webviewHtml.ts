import { htmlText } from '../../../core/text/escapeText.ts';
import type { PanelIdentity } from './panelIdentity.ts';

export interface PageParts {
  /** `webview.cspSource`. */
  readonly cspSource: string;
  /** Random, new for each page. */
  readonly nonce: string;
  readonly scriptUri: string;
  /** Modules that the script imports: the browser loads them together with it, not after it. */
  readonly moduleUris: readonly string[];
  readonly styleUri: string;
  readonly title: string;
  /** The language of the texts, such as `de`. */
  readonly language: string;
  readonly identity: PanelIdentity;
}

/**
 * The page of a panel. Nothing runs but the two scripts with the nonce and the modules that they import, to which the
 * browser passes the nonce on. Images come from the allowed folders alone; the page can reach no network. What it keeps with `setState` is wrapped so that the panel's identity is always part of it,
 * from the first moment on and whatever the page does.
 */
export function webviewHtml(page: PageParts): string {
  const { cspSource, nonce } = page;
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'unsafe-inline'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data: blob:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  const preloads = page.moduleUris.map(
    (uri) => `<link rel="modulepreload" nonce="${htmlText(nonce)}" href="${htmlText(uri)}">`,
  );
  return `<!DOCTYPE html>
<html lang="${htmlText(page.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${htmlText(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${htmlText(page.title)}</title>
<link rel="stylesheet" href="${htmlText(page.styleUri)}">
${preloads.join('\n')}
</head>
<body>
<div id="root"></div>
<script nonce="${htmlText(nonce)}">(${keepIdentityScript})(${scriptJson(page.identity)});</script>
<script type="module" nonce="${htmlText(nonce)}" src="${htmlText(page.scriptUri)}"></script>
</body>
</html>
`;
}

/** A page without scripts, for a panel that has nothing to show. */
export function messageHtml(message: string, language: string): string {
  return `<!DOCTYPE html>
<html lang="${htmlText(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body { padding: 2rem; color: var(--vscode-descriptionForeground); font-family: var(--vscode-font-family); }</style>
</head>
<body><p>${htmlText(message)}</p></body>
</html>
`;
}

/**
 * Runs in the page before its script: what the page keeps is wrapped, so that the identity is always beside it. Text and
 * no function, for a bundler may change a function so that it cannot stand alone.
 */
export const keepIdentityScript = `(identity) => {
  const api = acquireVsCodeApi();
  const pageState = () => {
    const state = api.getState();
    return typeof state === 'object' && state !== null ? state.page : undefined;
  };
  api.setState({ identity, page: pageState() });
  let taken = false;
  globalThis.acquireVsCodeApi = () => {
    if (taken) throw new Error('The API of VS Code was acquired already.');
    taken = true;
    return {
      postMessage: (message) => api.postMessage(message),
      getState: pageState,
      setState: (page) => {
        api.setState({ identity, page });
        return page;
      },
    };
  };
}`;

/** JSON that can stand inside a script element. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
