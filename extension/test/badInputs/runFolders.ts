import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createEventReader } from '../../src/adapters/training/events.ts';
import { nodeFiles } from '../../src/adapters/python/fileOps.ts';
import { readConfig, runPaths } from '../../src/adapters/training/runFolder.ts';
import { readResult } from '../../src/adapters/training/runResult.ts';
import type { BadInput, Kind, Told } from './badInput.ts';
import { put } from './pictures.ts';

const run = 's1-i1';
const place = (folder: string) => runPaths(folder, run);

async function result(folder: string): Promise<readonly Told[]> {
  await readResult(nodeFiles, place(folder).result);
  return [];
}

async function config(folder: string): Promise<readonly Told[]> {
  await readConfig(nodeFiles, place(folder));
  return [];
}

/** The log entry about a line; reading continues with the next one, so the user need not act. */
async function events(folder: string): Promise<readonly Told[]> {
  const told: Told[] = [];
  const { events: path } = place(folder);
  const reader = createEventReader(nodeFiles, path, (message) => {
    told.push({ code: 'event-skipped', message, hint: 'Nothing to do: the lines after it are read.', where: path });
  });
  await reader.read();
  return told;
}

function file(
  name: string,
  of: string,
  content: string | Uint8Array,
  meet: BadInput['meet'],
  code: string,
  says: RegExp,
): BadInput {
  const make = (folder: string): void => {
    put(folder, `${run}/${of}`, content);
  };
  return { name: `${of}: ${name}`, make, meet, code, says, names: of };
}

const resultFile = (name: string, content: string | Uint8Array, says: RegExp, names = 'result.json'): BadInput => ({
  ...file(name, 'result.json', content, result, 'result-invalid', says),
  names,
});

const finished = (more: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ schema: 1, status: 'finished', epochsCompleted: 1, trainingSeconds: 1, packages: {}, ...more });

const results: readonly BadInput[] = [
  resultFile('nothing', '', /is not JSON/),
  resultFile('half a file', finished({}).slice(0, 40), /is not JSON/),
  resultFile('NUL bytes', new Uint8Array(100), /is not JSON/),
  resultFile('a list', '[]', /is damaged/),
  resultFile('null', 'null', /is damaged/),
  resultFile('another schema', '{"schema": 2, "status": "finished"}', /is damaged at schema/),
  resultFile('a status that nobody knows', '{"schema": 1, "status": "perfect"}', /is damaged at status/),
  resultFile('a failure without a reason', '{"schema": 1, "status": "failed"}', /reports a failure without an error/),
  resultFile('epochs that are negative', finished({ epochsCompleted: -3 }), /epochsCompleted/),
  resultFile('epochs in words', finished({ epochsCompleted: 'three' }), /epochsCompleted/),
  resultFile('NaN', '{"schema": 1, "status": "finished", "finalLoss": NaN}', /is not JSON/),
  resultFile('no model', finished({}), /names no exported model/),
  resultFile('a description that is missing', finished({ model: 'm.onnx', modelInfo: 'm.json' }), /m\.json/, 'json'),
  resultFile(
    'a description outside the folder',
    finished({ model: 'm.onnx', modelInfo: '../../m.json' }),
    /m\.json/,
    'json',
  ),
  resultFile(
    'the passwords of the system as description',
    finished({ model: 'm.onnx', modelInfo: '/etc/passwd' }),
    /\/etc\/passwd/,
    '/etc/passwd',
  ),
  resultFile('packages that are a list', finished({ packages: ['torch'] }), /packages/),
  resultFile('a hundred thousand brackets', '['.repeat(100_000), /is not JSON/),
  resultFile('a name of 200,000 characters', finished({ ['x'.repeat(200_000)]: 1, device: 5 }), /device/),
];

const configs: readonly BadInput[] = [
  ['nothing', ''],
  ['half a file', '{"schema": 1, "run": "s1'],
  ['NUL bytes', new Uint8Array(50)],
  ['a list', '[1, 2]'],
  ['another schema', '{"schema": 9, "run": "s1-i1", "nonce": "x"}'],
  ['no nonce', '{"schema": 1, "run": "s1-i1", "nonce": ""}'],
  ['a number as nonce', '{"schema": 1, "run": "s1-i1", "nonce": 5}'],
].map(([name, content]) =>
  file(name as string, 'config.json', content as string, config, 'run-folder-unusable', /is damaged/),
);

const event = (more: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify({ sequence: 1, time: '2026-01-01T00:00:00Z', ...more })}\n`;

const lines: readonly BadInput[] = [
  ['no JSON', 'hello\n', /is not JSON/],
  ['NaN', '{"sequence": 1, "time": "t", "kind": "epoch", "epoch": NaN}\n', /is not JSON/],
  ['a torn line', `${event({ kind: 'log', message: 'm' }).slice(0, 30)}\n`, /is not JSON/],
  ['NUL bytes', Buffer.from(`${'\0'.repeat(4096)}\n`), /is not JSON/],
  ['no sequence', '{"time": "t", "kind": "log", "message": "m"}\n', /no sequence or time/],
  ['a sequence of 0', event({ sequence: 0, kind: 'log', message: 'm' }), /no sequence or time/],
  ['a sequence that is text', event({ sequence: 'one', kind: 'log', message: 'm' }), /no sequence or time/],
  ['a sequence beyond all numbers', event({ kind: 'log', message: 'm' }).replace('1', '1e999'), /no sequence or time/],
  ['a kind that nobody knows', event({ kind: 'party' }), /is not an event/],
  [
    'an epoch without a number',
    event({ kind: 'epoch', epoch: 'two', epochs: 3, seconds: 1, losses: {} }),
    /is not an event/,
  ],
  [
    'losses that are text',
    event({ kind: 'epoch', epoch: 1, epochs: 3, seconds: 1, losses: { box: 'low' } }),
    /is not an event/,
  ],
  ['a failure without an error', event({ kind: 'failed' }), /is not an event/],
  ['a line of 4 MB', `${'x'.repeat(4_000_000)}\n`, /is not JSON|is longer than/],
  ['a hundred thousand brackets', `${'['.repeat(100_000)}\n`, /is not JSON/],
  ['10,000 broken lines', 'x\n'.repeat(10_000), /is not JSON/],
].map(([name, content, says]) =>
  file(name as string, 'events.jsonl', content as string, events, 'event-skipped', says as RegExp),
);

const ids: readonly BadInput[] = [
  ['a path', '../../etc'],
  ['an absolute path', '/etc/passwd'],
  ['nothing', ''],
  ['NUL', 'a\0b'],
  ['control characters', 'a\u001B[2Jb'],
].map(([name, id]) => ({
  name: `the id of a run: ${name}`,
  make: () => {},
  meet: async (folder) => {
    runPaths(folder, id ?? '');
    return [];
  },
  code: 'run-missing',
  says: /is not the id of a run/,
  names: 'id',
}));

/** Another thing in the place of a file. */
function instead(name: string, of: string, make: (path: string) => void, meet: BadInput['meet']): BadInput {
  const making = (folder: string): void => {
    mkdirSync(join(folder, run));
    make(join(folder, run, of));
  };
  return { name: `${of}: ${name}`, make: making, meet, code: 'run-folder-unusable', says: /no plain file/, names: of };
}

const others: readonly BadInput[] = [
  instead('a folder', 'result.json', (path) => mkdirSync(path), result),
  instead('a named pipe', 'result.json', (path) => execFileSync('mkfifo', [path]), result),
  instead('a device without end', 'result.json', (path) => symlinkSync('/dev/zero', path), result),
  instead('a link to itself', 'result.json', (path) => symlinkSync('result.json', path), result),
  instead('a link to the passwords of the system', 'config.json', (path) => symlinkSync('/etc/passwd', path), config),
  instead('a named pipe', 'config.json', (path) => execFileSync('mkfifo', [path]), config),
  instead('a named pipe', 'events.jsonl', (path) => execFileSync('mkfifo', [path]), events),
  instead('a device without end', 'events.jsonl', (path) => symlinkSync('/dev/zero', path), events),
];

export const runFolders: Kind = {
  kind: 'run folders',
  inputs: [...results, ...configs, ...lines, ...ids, ...(process.platform === 'win32' ? [] : others)],
};
