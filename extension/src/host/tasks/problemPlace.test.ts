import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { problemPlace } from './problemPlace.ts';

const file = join(resolve('labels 1:2'), 'a.txt');

test('an error names a file or a line', () => {
  expect(problemPlace(file)).toEqual({ file, line: 0 });
  expect(problemPlace(`${file}:7`)).toEqual({ file, line: 6 });
  expect(problemPlace(`${file}:0`)).toEqual({ file, line: 0 });
});

test('anything but an absolute path is no place', () => {
  expect(problemPlace(undefined)).toBeNull();
  expect(problemPlace('session 3')).toBeNull();
  expect(problemPlace('labels/a.txt:3')).toBeNull();
});

test('programs and weights are no place, since an editor cannot display them', () => {
  expect(problemPlace(resolve('.venv', 'bin', 'python'))).toBeNull();
  expect(problemPlace(resolve('models', 'best.pt'))).toBeNull();
  expect(problemPlace(resolve('Python', 'python.exe'))).toBeNull();
});
