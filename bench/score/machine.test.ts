import { expect, test } from 'vitest';
import { hasVnni } from './machine.ts';

test('VNNI is read from the flags of the processor', () => {
  expect(hasVnni('model name\t: x\nflags\t\t: fpu avx2 avx512_vnni amx_int8\nbugs\t\t: \n')).toBe(true);
  expect(hasVnni('flags\t\t: fpu avx2 avx_vnni\n')).toBe(true);
  expect(hasVnni('Features\t: fp asimd asimddp\n')).toBe(true);
  expect(hasVnni('model name\t: avx_vnni\nflags\t\t: fpu avx2 avx512f\n')).toBe(false);
  expect(hasVnni('')).toBe(false);
});
