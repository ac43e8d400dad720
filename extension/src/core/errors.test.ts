import { describe, expect, it } from 'vitest';
import { AppError, toErrorReport } from './errors.ts';

const system = (code: string, syscall: string, path?: string): Error =>
  Object.assign(new Error(`${code}: raw, ${syscall} '${path}'`), { code, syscall, errno: -1, ...(path && { path }) });

describe('toErrorReport', () => {
  it.each([
    ['ENOENT', '/a/b is not there (ENOENT).'],
    ['EEXIST', '/a/b is there already'],
    ['EACCES', 'no permission for /a/b'],
    ['EROFS', 'cannot be written to (EROFS)'],
    ['ENOSPC', 'The disk is full: /a/b'],
    ['EWEIRD', 'The system refused "open" for /a/b (EWEIRD).'],
  ])('words what the system refuses: %s', (code, words) => {
    const report = toErrorReport(system(code, 'open', '/a/b'));
    expect(report).toMatchObject({ code: 'system', where: '/a/b', message: expect.stringContaining(words) });
    expect(report.message).not.toContain('raw');
    expect(report.hint).not.toBe('');
  });

  it('names a program that could not be started', () => {
    expect(toErrorReport(system('ENOENT', 'spawn python3', 'python3')).message).toContain('program python3');
  });

  it('keeps what an AppError says, and calls the rest unexpected', () => {
    expect(toErrorReport(new AppError('x', 'What.', 'Do.', { where: '/a' }))).toMatchObject({ code: 'x', where: '/a' });
    expect(toErrorReport(new Error('odd'))).toMatchObject({ code: 'unexpected', message: 'odd' });
    expect(toErrorReport('odd')).toMatchObject({ code: 'unexpected', message: 'odd' });
  });
});
