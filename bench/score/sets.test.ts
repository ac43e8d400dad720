import { expect, test } from 'vitest';
import { imageSets } from './sets.ts';

const names = (folders: readonly string[]): readonly string[] =>
  imageSets(folders, ['model', 'machine']).map(({ name }) => name);

test('sets are named after their folders', () => {
  expect(names(['/data/raccoon-voc', '/data/deeppcb/'])).toEqual(['raccoon-voc', 'deeppcb']);
});

test('folders of the same name are distinguished by their parents', () => {
  expect(names(['/a/images', '/b/images', '/c'])).toEqual(['a/images', 'b/images', 'c']);
  expect(names(['/x/a/images', '/y/a/images'])).toEqual(['x/a/images', 'y/a/images']);
  expect(names(['/images', '/b/images'])).toEqual(['images', 'b/images']);
});

test('a set takes no key of another figure', () => {
  expect(names(['/data/model', '/data/machine'])).toEqual(['data/model', 'data/machine']);
  expect(names(['/model'])).toEqual(['/model']);
});

test('a folder that is given twice is refused', () => {
  expect(() => names(['/a', '/b', '/a/'])).toThrow('/a is given twice');
});
