import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Vscode from 'vscode';
import { isAlive } from '../../../../scripts/lib/editor/processes.ts';
import { appearLimit, poll } from './poll.ts';

const manifest = {
  name: 'evaluator',
  publisher: 'al-test',
  version: '0.0.1',
  engines: { vscode: '^1.101.0' },
  main: './extension.cjs',
  activationEvents: ['*'],
  extensionKind: ['workspace'],
  capabilities: { untrustedWorkspaces: { supported: true }, virtualWorkspaces: true },
};

/** Answers requests with what a function of the test returns; each connection is closed, to leave no handle behind. */
const source = String.raw`
const vscode = require('vscode');
const { renameSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');

exports.activate = (context) => {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => (body += part)).on('end', async () => {
      const answer = (status, value) => {
        response.writeHead(status, { connection: 'close', 'content-type': 'application/json' });
        response.end(JSON.stringify(value ?? null));
      };
      if (request.headers.authorization !== TOKEN) return answer(403);
      try {
        const { code, argument } = JSON.parse(body);
        answer(200, await (0, eval)('(' + code + ')')(vscode, argument, require));
      } catch (error) {
        answer(500, error instanceof Error ? error.stack : String(error));
      }
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const file = join(HOSTS, String(process.pid));
    writeFileSync(file + '.part', JSON.stringify({ pid: process.pid, port: server.address().port }));
    renameSync(file + '.part', file + '.json');
  });
  context.subscriptions.push({ dispose: () => server.close() });
};
`;

/** A function that runs in an extension host: it sees its arguments alone, and both ends of it must be JSON. */
export type HostWork<A, R> = (
  vscode: typeof Vscode,
  argument: A,
  require: (name: string) => unknown,
) => R | PromiseLike<R>;

/** The extension host of one window. */
export interface ExtensionHost {
  readonly pid: number;
  /** Runs a function of the test there. @throws Error with the stack of what it threw. */
  run<A, R>(work: HostWork<A, R>, argument: A): Promise<R>;
}

/** An extension through which a test speaks with the extension hosts of all windows of its server. */
export interface Evaluator {
  /** To be loaded beside the extension under test. */
  readonly extensionFolder: string;
  /** What requests are known by. */
  readonly token: string;
  /** Waits for a living extension host that is none of these, such as that of the window before a reload. */
  host(...others: readonly ExtensionHost[]): Promise<ExtensionHost>;
  /** Waits until all extension hosts have ended, after their windows were closed; ends those that do not. */
  allGone(): Promise<void>;
  remove(): void;
}

/** Writes the extension into a temporary folder. */
export function makeEvaluator(): Evaluator {
  const extensionFolder = realpathSync(mkdtempSync(join(tmpdir(), 'al-evaluator-')));
  const hosts = join(extensionFolder, 'hosts');
  mkdirSync(hosts);
  const token = randomBytes(16).toString('hex');
  const constants = `const TOKEN = ${JSON.stringify(token)};\nconst HOSTS = ${JSON.stringify(hosts)};\n`;
  writeFileSync(join(extensionFolder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(extensionFolder, 'extension.cjs'), constants + source);
  return openEvaluator({ extensionFolder, token });
}

/** The evaluator that another process has written. */
export function openEvaluator({ extensionFolder, token }: Pick<Evaluator, 'extensionFolder' | 'token'>): Evaluator {
  const hosts = join(extensionFolder, 'hosts');
  const living = (): Listening[] =>
    readdirSync(hosts)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(hosts, name), 'utf8')) as Listening)
      .filter(({ pid }) => isAlive(pid));
  return {
    extensionFolder,
    token,
    host: (...others) =>
      poll('an extension host', appearLimit, async () => {
        const found = living().find(({ pid }) => !others.some((other) => other.pid === pid));
        return found === undefined ? undefined : hostAt(found, token);
      }),
    allGone: async () => {
      const end = poll('the end of the extension hosts', 20_000, async () =>
        living().length === 0 ? true : undefined,
      );
      await end.catch(() => living().forEach(({ pid }) => process.kill(pid, 'SIGKILL')));
    },
    remove: () => rmSync(extensionFolder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

interface Listening {
  readonly pid: number;
  readonly port: number;
}

function hostAt({ pid, port }: Listening, token: string): ExtensionHost {
  return {
    pid,
    async run<A, R>(work: HostWork<A, R>, argument: A): Promise<R> {
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        headers: { authorization: token, connection: 'close' },
        body: JSON.stringify({ code: work.toString(), argument }),
      });
      const value = (await response.json()) as R;
      if (!response.ok) throw new Error(`In the extension host: ${String(value)}`);
      return value;
    },
  };
}
