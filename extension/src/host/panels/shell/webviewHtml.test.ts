import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { identityFrom } from './panelIdentity.ts';
import { keepIdentityScript, messageHtml, webviewHtml } from './webviewHtml.ts';

const identity = { folder: 'file:///home/me/my%20parts', sessionId: 3, iterationId: null };
const page = webviewHtml({
  cspSource: 'https://*.vscode-cdn.net',
  nonce: 'bm9uY2U',
  scriptUri: 'https://host/dist/webview/review.js',
  moduleUris: ['https://host/dist/webview/shared-1.js'],
  styleUri: 'https://host/dist/webview/review.css',
  title: 'Review: <Parts> & "more"',
  language: 'de',
  identity,
});

describe('the page', () => {
  test('allows only its own scripts, styles, fonts and images', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'");
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'nonce-bm9uY2U'",
      "style-src https://*.vscode-cdn.net 'unsafe-inline'",
      'font-src https://*.vscode-cdn.net',
      'img-src https://*.vscode-cdn.net data: blob:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    const scripts = [...page.matchAll(/<(?:script|link rel="modulepreload")[^>]*>/g)].map(([tag]) => tag);
    expect(scripts).toHaveLength(3);
    expect(scripts.every((tag) => tag.includes('nonce="bm9uY2U"'))).toBe(true);
    expect(page).not.toMatch(/\son\w+=/);
  });

  test('escapes names', () => {
    expect(page).toContain('<title>Review: &lt;Parts&gt; &amp; &quot;more&quot;</title>');
    const hostile = webviewHtml({
      cspSource: 'x',
      nonce: 'n',
      scriptUri: 's',
      moduleUris: [],
      styleUri: 's',
      title: 't',
      language: 'en',
      identity: { ...identity, folder: 'file:///a</script><script>alert(1)</script>' },
    });
    expect(hostile.match(/<\/script>/g)).toHaveLength(2);
    expect(messageHtml('<img src=x>', 'en')).toContain('&lt;img src=x&gt;');
  });
});

/** VS Code's side of a page: keeps JSON, hands its API out once. */
function fakePage(saved?: unknown) {
  let state = saved;
  let taken = false;
  const posted: unknown[] = [];
  const scope: Record<string, unknown> = {
    acquireVsCodeApi: () => {
      if (taken) throw new Error('An instance of the VS Code API has already been acquired');
      taken = true;
      return {
        postMessage: (message: unknown) => posted.push(message),
        getState: () => state,
        setState: (next: unknown) => (state = JSON.parse(JSON.stringify(next))),
      };
    },
  };
  const run = (code: string): unknown => runInNewContext(code, scope);
  run(`(${keepIdentityScript})(${JSON.stringify(identity)})`);
  return { run, posted, saved: () => state };
}

describe('the stored state of a page', () => {
  test('always contains the identity, even if the page never stores a state', () => {
    expect(identityFrom(fakePage().saved())).toEqual(identity);
  });

  test("stores the page's state next to the identity and restores both after a reload", () => {
    const before = fakePage();
    before.run('const api = acquireVsCodeApi(); api.setState({ slider: 0.4 }); api.postMessage("hello")');
    expect(before.posted).toEqual(['hello']);
    expect(identityFrom(before.saved())).toEqual(identity);
    const after = fakePage(before.saved());
    expect(JSON.stringify(after.run('acquireVsCodeApi().getState()'))).toBe('{"slider":0.4}');
    expect(() => after.run('acquireVsCodeApi()')).toThrow('acquired already');
  });

  test('is no identity if it is invalid', () => {
    for (const state of [undefined, null, 'x', {}, { identity: null }, { identity: { ...identity, sessionId: '3' } }]) {
      expect(identityFrom(state)).toBeNull();
    }
  });
});
