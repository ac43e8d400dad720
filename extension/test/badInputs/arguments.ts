import { main } from '../../src/cli/main.ts';
import type { BadInput, Kind, Told } from './badInput.ts';
import { goodDataset } from './pictures.ts';

/** Runs a command and reads what it says on standard error. */
async function run(args: readonly string[]): Promise<readonly Told[]> {
  const notes: string[] = [];
  const terminal = {
    print: () => {},
    note: (text: string) => void notes.push(text),
    signal: new AbortController().signal,
  };
  await main(args, terminal);
  const all = notes.join('\n');
  const [, code = '', message = ''] = /^Error \(([\w-]+)\): ([\s\S]*?)(?=\nWhere: |\nWhat to do: )/mu.exec(all) ?? [];
  const where = /^Where: (.*)$/mu.exec(all)?.[1];
  const hint = /^What to do: ([\s\S]*)$/mu.exec(all)?.[1] ?? '';
  return [{ code, message, hint, ...(where === undefined ? {} : { where }) }];
}

/** The arguments of a command; in them, `@` is the folder. */
function command(name: string, line: readonly string[], code: string, says: RegExp, names: string): BadInput {
  return {
    name,
    make: (folder) => goodDataset(folder),
    meet: (folder) => run(line.map((part) => part.replace('@', folder))),
    code,
    says,
    names,
    mayChange: /^\.active-learning/u,
  };
}

const create = (...more: readonly string[]): string[] => [
  'create',
  '--workspace',
  '@',
  '--data',
  '@/data.yaml',
  ...more,
];

const usage: readonly BadInput[] = [
  command('a command that is none', ['trian'], 'usage', /no command "trian"/, 'trian'),
  command('a flag that is none', ['validate', '--dta', 'x'], 'usage', /--dta/, '--dta'),
  command('a number that begins with a dash', create('--epochs', '-5'), 'usage', /--epochs=-/, '--epochs'),
  command('a flag without its value', ['validate', '--data'], 'usage', /--data/, '--data'),
  command('a flag that is missing', ['validate'], 'usage', /--data is missing/, '--data'),
  command(
    'a session that is not there',
    ['status', '--workspace', '@', '--session', '9'],
    'usage',
    /no session "9"/,
    '9',
  ),
  command('no session at all', ['status', '--workspace', '@'], 'usage', /no session here/, 'create'),
  command('escape sequences', ['\u001B[31mred'], 'usage', /no command/, 'red'),
  command('a workspace that is a file', ['list', '--workspace', '@/data.yaml'], 'cannot-open', /./, 'data.yaml'),
  command(
    'a dataset that is not there',
    ['validate', '--data', '@/gone/data.yaml'],
    'description-missing',
    /gone/,
    'data.yaml',
  ),
  command('a folder without class names', ['validate', '--data', '@/images'], 'names-missing', /class names/, 'images'),
  command(
    'a pool that is not there',
    ['validate', '--data', '@/data.yaml', '--pool', '@/gone'],
    'folder-missing',
    /gone/,
    'gone',
  ),
];

const flags: readonly BadInput[] = [
  ['--name', ''],
  ['--name', 'n'.repeat(300)],
  ['--name', 'a\0b'],
  ['--epochs', '0'],
  ['--epochs', 'many'],
  ['--epochs', '1e9'],
  ['--epochs', '2.5'],
  ['--batch-size', '0'],
  ['--learning-rate', '0'],
  ['--learning-rate', 'NaN'],
  ['--learning-rate', '7'],
  ['--imgsz', '100'],
  ['--imgsz', '999999'],
  ['--imgsz', '0x40'],
  ['--seed', '4294967296'],
  ['--seed', '99999999999999999999'],
  ['--min-uncertainty', '1.5'],
  ['--uncertainty-weights', '1,2'],
  ['--uncertainty-weights', '0,0,0'],
  ['--strategy', 'Best Of All'],
  ['--ranking-metric', '../x'],
  ['--aggregation', 'median'],
  ['--zero-detections', 'maybe'],
  ['--device', 'tpu'],
  ['--flip', 'sideways'],
  ['--weights', 'model.onnx'],
  ['--weights', ''],
  ['--max-iterations', 'Infinity'],
].map(([flag = '', value = '']) =>
  command(
    `${flag} ${value.length > 30 ? `of ${value.length} characters` : JSON.stringify(value)}`,
    create(...(flag === '--name' ? [] : ['--name', 'Test']), flag, value),
    'settings-invalid',
    new RegExp(flag),
    flag,
  ),
);

export const commandLines: Kind = { kind: 'arguments', inputs: [...usage, ...flags] };
