import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ErrorReport } from '../../src/core/errors.ts';
import type { BadInput, Kind, Told } from './badInput.ts';
import { picture } from './pictures.ts';
import { zipped } from './zipFile.ts';

const environment = join(import.meta.dirname, '..', '..', '..', 'trainer', '.venv');
const windows = process.platform === 'win32';
export const python = join(environment, ...(windows ? ['Scripts', 'python.exe'] : ['bin', 'python']));
export const hasPython = existsSync(python);

interface Loader {
  readonly process: ChildProcess;
  readonly answers: AsyncIterator<string>;
}
let loader: Loader | null = null;

/** One process for all: importing PyTorch takes longer than to refuse a file. */
async function start(): Promise<Loader> {
  if (loader !== null) return loader;
  const child = spawn(python, [join(import.meta.dirname, 'loadWeights.py')], { stdio: ['pipe', 'pipe', 'ignore'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  loader = { process: child, answers };
  await answers.next();
  return loader;
}

async function load(path: string): Promise<readonly Told[]> {
  const { process: child, answers } = await start();
  child.stdin?.write(`${JSON.stringify(path)}\n`);
  const answer = await answers.next();
  if (answer.done === true) throw new Error('The process that loads weights ended.');
  const report = JSON.parse(answer.value) as ErrorReport | null;
  return report === null ? [] : [report];
}

function weightsFile(
  name: string,
  file: string,
  make: (path: string) => void,
  says: RegExp,
  code = 'weights-broken',
): BadInput {
  return {
    name,
    make: (folder) => make(join(folder, file)),
    meet: (folder) => load(join(folder, file)),
    code,
    says,
    names: file,
  };
}

const content = (name: string, bytes: string | Uint8Array, says = /cannot be loaded/, code?: string): BadInput =>
  weightsFile(name, 'best.pt', (path) => writeFileSync(path, bytes), says, code);

/** A pickle (protocol 2) that calls a function with a text. */
export const pickleThatCalls = (module: string, name: string, text: string): Buffer =>
  Buffer.from(`\x80\x02c${module}\n${name}\nX${String.fromCharCode(text.length)}\0\0\0${text}\x85R.`, 'latin1');
export const weightsArchive = (pickle: Uint8Array): Buffer =>
  zipped({ 'best/data.pkl': pickle, 'best/byteorder': 'little', 'best/version': '3\n' });

const unsafe = 'weights-unsafe';

export const weights: Kind = {
  kind: 'weights',
  needsPython: true,
  warmUp: async () => void (await start()),
  close: async () => {
    loader?.process.stdin?.end();
    loader = null;
  },
  inputs: [
    weightsFile('no file', 'gone.pt', () => {}, /do not exist/, 'weights-missing'),
    weightsFile('a folder', 'folder.pt', (path) => mkdirSync(path), /do not exist/, 'weights-missing'),
    weightsFile('an exported model', 'model.onnx', (path) => writeFileSync(path, 'onnx'), /neither a \.pt file/),
    weightsFile('another ending', 'model.safetensors', (path) => writeFileSync(path, 'x'), /neither a \.pt file/),
    weightsFile('an architecture that is not there', 'gone.yaml', () => {}, /do not exist/, 'weights-missing'),
    weightsFile(
      'an architecture that is no YAML',
      'net.yaml',
      (path) => writeFileSync(path, 'a: [b'),
      /cannot be loaded/,
    ),
    weightsFile(
      'an architecture without layers',
      'net.yaml',
      (path) => writeFileSync(path, 'nc: 1\n'),
      /cannot be loaded/,
    ),
    weightsFile(
      'an architecture that is a list',
      'net.yaml',
      (path) => writeFileSync(path, '- 1\n'),
      /cannot be loaded/,
    ),
    weightsFile(
      'an architecture of unknown layers',
      'net.yaml',
      (path) => writeFileSync(path, 'nc: 1\nbackbone:\n  - [-1, 1, Evil, [1]]\nhead: []\n'),
      /cannot be loaded/,
    ),
    content('nothing', ''),
    content('text', 'this is no checkpoint'),
    content('a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 6000000\n'),
    content('a picture', picture()),
    content('a zip file that is cut', Buffer.from('PK\u0003\u0004\0\0\0\0\0\0\0\0', 'latin1')),
    content('a zip file without a checkpoint', zipped({ 'readme.txt': 'hello' })),
    content('random bytes', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256))),
    content('a pickle that is cut', Buffer.from('\x80\x02}q\0', 'latin1')),
    content('a checkpoint that is a number', weightsArchive(Buffer.from('\x80\x02K\x05.', 'latin1'))),
    content('a checkpoint that is empty', weightsArchive(Buffer.from('\x80\x02}.', 'latin1'))),
    content(
      'a pickle that runs a program',
      weightsArchive(pickleThatCalls('posix', 'system', 'touch was-here')),
      /posix|system/,
      unsafe,
    ),
    content(
      'an old pickle that runs a program',
      pickleThatCalls('posix', 'system', 'touch was-here'),
      /cannot be loaded|posix/,
      unsafe,
    ),
    content('a pickle that evaluates text', weightsArchive(pickleThatCalls('builtins', 'eval', '1')), /eval/, unsafe),
    content(
      'a pickle that imports a module',
      weightsArchive(pickleThatCalls('importlib', 'import_module', 'os')),
      /import/,
      unsafe,
    ),
    ...(windows
      ? []
      : [
          weightsFile(
            'a link to nothing',
            'link.pt',
            (path) => symlinkSync('gone.pt', path),
            /do not exist/,
            'weights-missing',
          ),
          weightsFile(
            'a device without end',
            'zero.pt',
            (path) => symlinkSync('/dev/zero', path),
            /do not exist/,
            'weights-missing',
          ),
        ]),
  ],
};
