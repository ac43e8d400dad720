import { describe, expect, it } from 'vitest';
import { labelPathOf } from './labelPaths.ts';

describe('labelPathOf', () => {
  it.each([
    ['/data/images/train/a.jpg', '/data/labels/train/a.txt'],
    ['/images/set/images/a.b.png', '/images/set/labels/a.b.txt'],
    ['/data/images/images/a.jpg', '/data/images/labels/a.txt'],
    ['/data/pictures/a.jpg', '/data/pictures/a.txt'],
    ['/data/images.old/a.jpg', '/data/images.old/a.txt'],
    ['/data/Images/a.jpg', '/data/Images/a.txt'],
    ['/data/images/a b#%"<é.jpeg', '/data/labels/a b#%"<é.txt'],
    [String.raw`C:\data\images\train\a.jpg`, String.raw`C:\data\labels\train\a.txt`],
    [String.raw`C:\data\images/a.jpg`, String.raw`C:\data\labels/a.txt`],
    ['/data.v2/images/noextension', '/data.v2/labels/noextension.txt'],
  ])('%s -> %s', (image, label) => {
    expect(labelPathOf(image)).toBe(label);
  });
});
