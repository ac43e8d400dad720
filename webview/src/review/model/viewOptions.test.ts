import { expect, test } from 'vitest';
import { defaultView, filterOf, lightStep, limitLight, parseViewOptions } from './viewOptions.ts';

test('as many steps back as forward show the image as it is', () => {
  let value = 1;
  for (let n = 0; n < 4; n++) value = limitLight(value * lightStep);
  for (let n = 0; n < 4; n++) value = limitLight(value / lightStep);
  expect(value).toBe(1);
  expect(filterOf({ ...defaultView, brightness: value })).toBe('');
  expect(filterOf({ ...defaultView, brightness: 2 })).toBe('brightness(2) contrast(1)');
});

test('a saved state that is invalid is the default', () => {
  expect(parseViewOptions(null)).toEqual(defaultView);
  expect(parseViewOptions({ zoomKept: 'yes', brightness: Number.NaN, contrast: '2' })).toEqual(defaultView);
  expect(parseViewOptions({ zoomKept: true, brightness: 100, contrast: 0 })).toEqual({
    zoomKept: true,
    brightness: 4,
    contrast: 0.25,
  });
});
