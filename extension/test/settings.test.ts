import Database from 'better-sqlite3';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settingsDocs, withGenerated } from '../../scripts/lib/docsTables.ts';
import { l10nBundle, settingTexts } from '../../scripts/lib/l10nBundle.ts';
import { Row } from '../src/adapters/store/rows/row.ts';
import { settingColumns, settingsOfRow } from '../src/adapters/store/rows/settingColumns.ts';
import { settingList, settingOptions } from '../src/cli/settingFlags.ts';
import { numberSetting, type Setting } from '../src/core/session/setting.ts';
import { sessionSettings } from '../src/core/session/sessionSettings.ts';
import { parseValue, settingsJsonSchema, validateSettings } from '../src/core/session/settings.ts';
import { settingRows } from '../src/host/session/fields.ts';
import { english } from '../src/host/text/localiser.ts';

/** A setting that no other file knows. */
const dropout: Setting<number> = numberSetting({
  title: 'Dropout',
  help: 'The share of activations that a training step leaves out',
  group: 'training',
  flag: 'dropout',
  what: 'the dropout',
  kind: 'any',
  min: 0,
  max: 0.9,
  default: 0.1,
});
const table = { ...sessionSettings, dropout };

describe('a new entry in the table of settings', () => {
  test('is validated, has its default and is recorded as entered', () => {
    expect(validateSettings({ name: 'a' }, table)).toMatchObject({ dropout: 0.1, typed: ['name'] });
    expect(validateSettings({ name: 'a', dropout: 0.5 }, table)).toMatchObject({
      dropout: 0.5,
      typed: ['name', 'dropout'],
    });
    expect(() => validateSettings({ name: 'a', dropout: 1 }, table)).toThrow(
      'dropout: the dropout must be a number from 0 to 0.9.',
    );
    expect(() => validateSettings({ name: 'a', dropout: 0.5 })).toThrow('dropout: is not a setting.');
  });

  test('is a row of the list in the editor', () => {
    const rows = settingRows(english, { ...validateSettings({ name: 'a' }, table) }, table);
    expect(rows.at(-1)).toMatchObject({
      field: 'dropout',
      title: 'Dropout',
      value: '0.1',
      help: 'The share of activations that a training step leaves out',
    });
    expect(rows).toHaveLength(Object.keys(sessionSettings).length + 1);
  });

  test('is a flag of the command line, and a line of its help', () => {
    expect(settingOptions(table)).toHaveProperty('dropout', { type: 'string' });
    expect(settingList(table)).toMatch(
      /^ {2}--dropout +The share of activations that a training step leaves out \(default: 0\.1\)$/m,
    );
    expect(parseValue(dropout, '0.2')).toEqual({ ok: true, value: 0.2 });
  });

  test('is stored, and has its default in rows that are older', () => {
    const settings = { ...validateSettings({ name: 'a', batchSize: 8, dropout: 0.4 }, table) };
    const columns = settingColumns(settings, table);
    expect(columns.find(([column]) => column === 'settings')?.[1]).toContain('"dropout":0.4');
    expect(settingsOfRow(throughDatabase(columns), table)).toEqual(settings);
    const older = throughDatabase(settingColumns({ ...validateSettings({ name: 'a' }) }));
    expect(settingsOfRow(older, table)).toMatchObject({ dropout: 0.1 });
    const damaged = settingColumns({ ...settings, dropout: 'much' }, table);
    expect(() => settingsOfRow(throughDatabase(damaged), table)).toThrow(/column settings .*dropout/);
  });

  test('is a row of the documentation and a property of the JSON Schema', () => {
    expect(settingsDocs(table)).toMatch(
      /^\| `dropout` +\| `--dropout` +\| `0\.1` +\| +\| Dropout\. The share of activations/m,
    );
    expect(settingsJsonSchema(table)).toMatchObject({
      properties: {
        dropout: { type: 'number', minimum: 0, maximum: 0.9, default: 0.1, title: 'Dropout' },
        imageSize: { type: 'integer', multipleOf: 32 },
        aggregation: { enum: ['top-k', 'max', 'mean', 'noisy-or'] },
      },
      required: ['name'],
      additionalProperties: false,
    });
  });

  test('has its texts exported for translation', async () => {
    expect(settingTexts(table)).toEqual(expect.arrayContaining([dropout.title, dropout.help]));
    const bundle = Object.keys(await l10nBundle());
    expect(bundle).toEqual(expect.arrayContaining(settingTexts()));
  });
});

/** The row as SQLite returns it. */
function throughDatabase(columns: readonly (readonly [string, unknown])[]): Row {
  const database = new Database(':memory:');
  try {
    database.exec(`CREATE TABLE stored (${columns.map(([column]) => `${column} ANY`).join(', ')}) STRICT`);
    const places = columns.map(() => '?').join(', ');
    database.prepare(`INSERT INTO stored VALUES (${places})`).run(columns.map(([, value]) => value));
    return new Row('stored', database.prepare('SELECT * FROM stored').get());
  } finally {
    database.close();
  }
}

test('docs/settings.md has the settings of today', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'settings.md'), 'utf8');
  expect(page).toBe(withGenerated(page, 'settings', settingsDocs()));
});
