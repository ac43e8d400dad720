import { describe, expect, it } from 'vitest';
import { guessCaptureGroups } from './captureGroup.ts';

const others = Array.from({ length: 20 }, (_, i) => `images/part-${'abcdefghijklmnopqrst'[i]}.jpg`);

describe('guessCaptureGroups', () => {
  it('joins the frames of a video of one folder', () => {
    const frames = ['images/line3_0001.jpg', 'images/line3_0002.jpg', 'other/line3_0003.jpg', 'other/line3_0004.jpg'];
    const groups = guessCaptureGroups([...frames, ...others]);
    expect([...groups.keys()].toSorted()).toEqual(frames);
    expect(groups.get(frames[0] ?? '')).toBe(groups.get(frames[1] ?? ''));
    expect(groups.get(frames[0] ?? '')).not.toBe(groups.get(frames[2] ?? ''));
  });

  it.each([
    ['a single file', ['images/line3_0001.jpg']],
    ['short numbers', ['images/line3_001.jpg', 'images/line3_002.jpg']],
    ['names of cameras', ['images/IMG_0001.jpg', 'images/IMG_0002.jpg', 'images/DSC00001.jpg', 'images/DSC00002.jpg']],
    ['numbers alone', ['images/000001.jpg', 'images/000002.jpg']],
  ])('takes no group from %s', (_, paths) => {
    expect(guessCaptureGroups([...paths, ...others]).size).toBe(0);
  });

  it('takes no group that holds more than half of the dataset', () => {
    expect(guessCaptureGroups(['line_0001.jpg', 'line_0002.jpg', 'a.jpg']).size).toBe(0);
  });
});
