import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { problemPlace } from './problemPlace.ts';

const file = join(resolve('labels 1:2'), 'a.txt');

test('an error names a file, or a line of it', () => {
  expect(problemPlace(file)).toEqual({ file, line: 0 });
  expect(problemPlace(`${file}:7`)).toEqual({ file, line: 6 });
  expect(problemPlace(`${file}:0`)).toEqual({ file, line: 0 });
});

test('what is no file of the disk by its full path is no place', () => {
  expect(problemPlace(undefined)).toBeNull();
  expect(problemPlace('session 3')).toBeNull();
  expect(problemPlace('labels/a.txt:3')).toBeNull();
});

test('a program or weights are no place: there is nothing to read in them', () => {
  expect(problemPlace(resolve('.venv', 'bin', 'python'))).toBeNull();
  expect(problemPlace(resolve('models', 'best.pt'))).toBeNull();
  expect(problemPlace(resolve('Python', 'python.exe'))).toBeNull();
});
