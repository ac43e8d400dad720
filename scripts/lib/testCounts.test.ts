import { expect, test } from 'vitest';
import { addCounts, pytestCounts, subtractCounts, vitestResult } from './testCounts.ts';

const results = (...statuses: string[]): { status: string }[] => statuses.map((status) => ({ status }));

test("vitest's report is counted by file, and nothing that failed is lost", () => {
  const report = {
    testResults: [
      { name: '/a.test.ts', status: 'passed', assertionResults: results('passed', 'passed', 'skipped', 'todo') },
      {
        name: '/b.test.ts',
        status: 'failed',
        assertionResults: [
          ...results('passed', 'pending'),
          { status: 'failed', fullName: 'counts boxes', failureMessages: ['Error: 3, not 4\n    at b.test.ts:1'] },
        ],
      },
      // A file that could not be loaded.
      { name: '/c.test.ts', status: 'failed', message: 'SyntaxError: x', assertionResults: [] },
      // A hook after the tests failed.
      { name: '/d.test.ts', status: 'failed', assertionResults: results('passed') },
    ],
  };
  const { counts, failedFiles, failures } = vitestResult(JSON.stringify(report));
  expect(counts).toEqual({ passed: 4, failed: 3, skipped: 3 });
  expect(failedFiles).toEqual([
    { name: '/b.test.ts', counts: { passed: 1, failed: 1, skipped: 1 } },
    { name: '/c.test.ts', counts: { passed: 0, failed: 1, skipped: 0 } },
    { name: '/d.test.ts', counts: { passed: 1, failed: 1, skipped: 0 } },
  ]);
  expect(failures).toEqual([
    '/b.test.ts > counts boxes: Error: 3, not 4',
    '/c.test.ts > whole file: SyntaxError: x',
    '/d.test.ts > whole file: ',
  ]);
});

test('counts are added and taken away', () => {
  const sum = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 });
  expect(sum).toEqual({ passed: 11, failed: 22, skipped: 33 });
  expect(subtractCounts(sum, { passed: 1, failed: 2, skipped: 3 })).toEqual({ passed: 10, failed: 20, skipped: 30 });
});

test("pytest's report is counted, errors of fixtures as failures", () => {
  const xml = '<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1">';
  expect(pytestCounts(xml)).toEqual({ passed: 4, failed: 3, skipped: 3 });
});
