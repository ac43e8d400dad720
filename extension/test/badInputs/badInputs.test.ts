import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { digest } from './digest.ts';
import { meet, shown } from './meet.ts';
import { kinds } from './table.ts';
import { hasPython } from './weights.ts';

/** Texts that users must not see: traces, internal codes, unfilled values. */
const raw = [
  /\n\s+at .*:\d+:\d+/u,
  /Traceback|File ".*", line/u,
  /E[A-Z]{3,}: .*, \w+ '/u,
  /no such file or directory|illegal operation/u,
  /\[object |undefined|NaN\b.*NaN/u,
  /(?:Type|Syntax|Range|Reference|Assertion)Error/u,
  /Maximum call stack|is not a function|Cannot read propert/u,
  /\uFFFD/u,
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/u,
];
/** More than anyone reads, and than a notification shows. */
const longest = 2500;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'al-bad-'));
  mkdirSync(join(folder, 'in'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the table has 200 inputs with unique names', () => {
  const names = kinds.flatMap(({ kind, inputs }) => inputs.map(({ name }) => `${kind}: ${name}`));
  expect(names.length).toBeGreaterThanOrEqual(200);
  expect(new Set(names).size).toBe(names.length);
});

for (const { kind, inputs, needsPython = false, warmUp, close } of kinds) {
  describe.skipIf(needsPython && !hasPython)(`bad ${kind}: what, where and what to do are said`, () => {
    beforeAll(() => warmUp?.());
    afterAll(() => close?.());

    test.each(inputs.map((input) => [input.name, input] as const))('%s', async (_, input) => {
      const place = join(folder, 'in');
      await input.make(place);
      const before = digest(place, input.mayChange);
      const told = await meet(input, place);
      expect(digest(place, input.mayChange)).toEqual(before);
      const sentences = told.map((one) => `${one.code}: ${shown(one)}`);
      const about = told.filter(({ code }) => code === input.code).map(shown);
      const fits = about.some((text) => input.says.test(text) && text.includes(input.names));
      expect(fits, `Wanted ${input.code} ${input.says} of ${input.names}, got:\n${sentences.join('\n')}`).toBe(true);
      for (const [index, one] of told.entries()) {
        expect(one.message.trim(), sentences[index]).not.toBe('');
        expect(one.hint.trim(), sentences[index]).not.toBe('');
        expect(one.code).not.toMatch(/^(?:unexpected|system)?$/u);
        expect(sentences[index]?.length).toBeLessThan(longest);
        const own = sentences[index]?.replaceAll(input.repeats ?? /$^/gu, '');
        for (const form of raw) expect(own).not.toMatch(form);
      }
    });
  });
}
