import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { htmlText, labelText, markdownText, notificationText, visibleLine, visibleText } from './escapeText.ts';

const escape = '\u001B';
const bell = '\u0007';

describe('visible text', () => {
  test.each([
    ['a terminal title', `${escape}]0;owned${bell}`, '\\u001B]0;owned\\u0007'],
    ['a cleared screen', `${escape}[2J`, '\\u001B[2J'],
    ['the control sequence introducer of eight bits', '\u009B2J', '\\u009B2J'],
    ['a carriage return that overwrites the line', 'safe\rgone', 'safe\\u000Dgone'],
    ['NUL and DEL', '\0\u007F', '\\u0000\\u007F'],
    ['text that runs backwards', 'gpj.\u202Eexe', 'gpj.\\u202Eexe'],
    ['half a character', 'a\uD800b', 'a\\uD800b'],
  ])('shows %s', (_, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  test('leaves ordinary text of any language alone', () => {
    const text = 'Kratzer äöü\tスクラッチ 划痕\nخدش 🙂 missing_hole';
    expect(visibleText(text)).toBe(text);
  });

  test('leaves no control character but tab and line feed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
        expect(visibleText(text)).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/u);
      }),
    );
  });

  test('of printed JSON is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.parse(visibleText(text))).toEqual(JSON.parse(text));
      }),
    );
    const named = JSON.stringify({ name: `\u009B2J${escape}[2J\u202E` });
    expect(JSON.parse(visibleText(named))).toEqual(JSON.parse(named));
  });

  test('on one line shows line feeds', () => {
    expect(visibleLine('a\nb\tc')).toBe('a\\nb\\tc');
  });
});

/** What VS Code takes for a link in a notification: `parseLinkedText` of its `base/common/linkedText.ts`. */
const linkInNotification = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;

describe('a notification', () => {
  test('holds no link that text of a file made', () => {
    const text = 'The class "[Fix it](command:workbench.action.quit)" is [here](https://example.com "x")';
    expect(text).toMatch(linkInNotification);
    expect(notificationText(text)).not.toMatch(linkInNotification);
    expect(notificationText('[a][b](command:x)')).not.toMatch(linkInNotification);
  });
});

test('a label holds no icon that text of a file made', () => {
  expect(labelText('$(error) failed\n')).toBe('\\$(error) failed\\n');
});

describe('Markdown', () => {
  test.each([
    ['a heading', '# Owned', '\\# Owned'],
    ['a script', '<script>alert(1)</script>', '\\<script\\>alert(1)\\</script\\>'],
    ['a link', '[x](javascript:alert(1))', '\\[x\\](javascript:alert(1))'],
    ['an image', '![x](y)', '!\\[x\\](y)'],
    ['an address', 'https://example.com', 'https\\://example.com'],
    ['another address', 'www.example.com', 'www\\.example.com'],
    ['a table cell', 'a|b', 'a\\|b'],
    ['a line of its own', 'a\n\n# b', 'a\\\\n\\\\n\\# b'],
    ['a list', '- a', '\\- a'],
    ['a numbered list', '1. a', '1\\. a'],
    ['a rule', '---', '\\---'],
    ['an entity', '&lt;', '\\&lt;'],
    ['emphasis', '*a* _b_ `c`', '\\*a\\* \\_b\\_ \\`c\\`'],
  ])('has %s as text', (_, text, written) => {
    expect(markdownText(text)).toBe(written);
  });

  test('keeps ordinary names', () => {
    expect(markdownText('missing_hole, short-circuit (2.5 mm)')).toBe('missing_hole, short-circuit (2.5 mm)');
  });
});

test('HTML holds no element and no attribute that text of a file made', () => {
  expect(htmlText(`"><img src=x onerror='a'>&${escape}`)).toBe(
    '&quot;&gt;&lt;img src=x onerror=&#39;a&#39;&gt;&amp;\\u001B',
  );
});
