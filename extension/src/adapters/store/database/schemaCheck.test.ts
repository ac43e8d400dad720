import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { applicationId } from './migrate.ts';
import { migrations } from '../migrations/all.ts';
import { createProject, thrownBy, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

const endless = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n';

/** Our database after another program added something. */
function tampered(sql: string): string {
  const databasePath = bench.databasePath();
  const store = bench.open(databasePath);
  createProject(store);
  store.close();
  const writer = new Database(databasePath);
  writer.pragma('foreign_keys = OFF');
  writer.unsafeMode(true);
  writer.exec(sql);
  writer.close();
  return databasePath;
}

/** The errors of opening it read-write and of inspecting it. */
function refusals(databasePath: string): unknown[] {
  return [{}, { readOnly: true }].map((options) => thrownBy(() => bench.open(databasePath, options)));
}

describe('a schema that is not ours', () => {
  it.each<[what: string, sql: string, named: string]>([
    [
      'an endless view in the place of a table',
      `DROP TABLE training_sessions; CREATE VIEW training_sessions AS SELECT x AS id FROM (${endless})`,
      'view training_sessions',
    ],
    ['a view in addition to the tables', `CREATE VIEW more AS ${endless}`, 'view more'],
    [
      'a trigger',
      `CREATE TRIGGER evil AFTER UPDATE ON images BEGIN INSERT INTO leases SELECT x, '', '' FROM (${endless}); END`,
      'trigger evil',
    ],
    ['an index on an expression', 'CREATE INDEX slow ON images(abs(width))', 'index slow'],
    ['a generated column', `ALTER TABLE images ADD COLUMN extra TEXT AS (hex(relative_path))`, 'table images'],
    ['a check', `ALTER TABLE images ADD COLUMN extra TEXT CHECK (length(randomblob(100000000)) > 1)`, 'table images'],
    ['a table of another', 'CREATE TABLE notes (a)', 'table notes'],
    ['a table less', 'DROP TABLE metric_series', 'lacks the table metric_series'],
    [
      'a statistics table that is a view',
      `PRAGMA writable_schema = ON;
       INSERT INTO sqlite_schema VALUES ('view', 'sqlite_stat1', 'sqlite_stat1', 0, 'CREATE VIEW sqlite_stat1 AS ${endless}')`,
      // SQLite itself rejects that one.
      'sqlite_stat1',
    ],
  ])('is reported by name, and none of its code runs: %s', (_, sql, named) => {
    const databasePath = tampered(sql);
    for (const error of refusals(databasePath)) {
      expect(error).toMatchObject({
        code: expect.stringMatching(/^(foreign-schema|not-a-database)$/u),
        where: databasePath,
        message: expect.stringContaining(named),
      });
    }
  });

  it('is detected in every version', () => {
    const databasePath = bench.databasePath();
    const old = new Database(databasePath);
    for (const { sql } of migrations.slice(0, 2)) old.exec(sql);
    old.pragma(`application_id = ${applicationId}`);
    old.pragma('user_version = 2');
    old.exec(`DROP TABLE metric_series; CREATE VIEW metric_series AS ${endless}`);
    old.close();
    for (const error of refusals(databasePath)) expect(error).toMatchObject({ code: 'foreign-schema' });
  });

  it('does not include the statistics of SQLite', () => {
    const databasePath = tampered('ANALYZE');
    expect(bench.open(databasePath).sessions.list()).toHaveLength(1);
    expect(bench.open(databasePath, { readOnly: true }).sessions.list()).toHaveLength(1);
  });
});

describe('a thread that is stuck in a statement', () => {
  it('is abandoned after the time limit, and does not keep the process alive', { timeout: 60_000 }, async () => {
    const thread = `
      const { parentPort } = require('node:worker_threads');
      const Database = require(${JSON.stringify(require.resolve('better-sqlite3'))});
      parentPort.postMessage({ id: 0, ok: true });
      parentPort.on('message', () => new Database(':memory:').prepare('SELECT count(*) FROM (${endless})').get());`;
    const source = `
      import { Worker } from 'node:worker_threads';
      import { StoreThread } from ${JSON.stringify(path.join(import.meta.dirname, '..', 'storeThread.ts'))};
      const client = new StoreThread(new Worker(${JSON.stringify(thread)}, { eval: true, execArgv: [] }), { now: () => '' }, 3000);
      await client.opened;
      await client.call('sessions.list').catch((error) => console.log(error.code, error.message));
      await client.close();
      process.exit(0);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output: string[] = [];
    child.stdout.on('data', (data: Buffer) => output.push(data.toString()));
    await once(child, 'close');
    expect(output.join('')).toBe('thread-died The thread of the session store did not answer within 3 s\n');
  });
});
