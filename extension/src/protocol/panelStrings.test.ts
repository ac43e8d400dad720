import { describe, expect, it } from 'vitest';
import { gridStrings } from './gridStrings.ts';
import { metricsStrings } from './metricsStrings.ts';
import { reviewStrings } from './reviewStrings.ts';
import { usedTexts, usedTextsIn } from './testing/usedTexts.ts';

describe.each([
  ['review', 'ReviewString', reviewStrings],
  ['metrics', 'MetricsString', metricsStrings],
  ['grid', 'GridString', gridStrings],
] as const)('the texts of the %s panel', (panel, type, strings) => {
  // The compiler checks the opposite: `t` accepts only texts of the list.
  it('are all used', () => {
    const used = usedTextsIn(`webview/src/${panel}`, type);
    expect(strings.filter((text) => !used.has(text))).toEqual([]);
  });

  it('are listed once', () => {
    expect(new Set(strings).size).toBe(strings.length);
  });
});

describe('the used texts of a file', () => {
  it.each([
    ["t('Saved: {0}.', name(verdict))", ['Saved: {0}.']],
    ["plural(count, '{0} box', '{0} boxes')", ['{0} box', '{0} boxes']],
    ["t(kept ? 'kept' : 'removed')", ['kept', 'removed']],
    ["<p>{t('Boxes')}</p>", ['Boxes']],
    ["const names: Record<string, Text> = {\n  a: 'Images',\n};", ['Images']],
    ["interface Row {\n  title: Text;\n}\nconst rows: Row[] = [\n  { title: 'View' },\n];", ['View']],
  ])('include those of %j', (code, texts) => {
    expect(usedTexts(code, 'Text')).toEqual(texts);
  });

  it.each([
    "if (verdict === 'skipped') stop();",
    "switch (verdict) {\n  case 'skipped':\n}",
    "const verdict = { verdict: 'skipped' };",
    "const verdicts: Record<string, string> = {\n  a: 'skipped',\n};",
    "// t('skipped')\nconst text = '';",
    "const other = format('skipped');",
  ])('exclude those of %j', (code) => {
    expect(usedTexts(code, 'Text')).not.toContain('skipped');
  });
});
