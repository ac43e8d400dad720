import { expect, it } from 'vitest';
import { z } from 'zod';
import { schemaIssue } from './schemaIssue.ts';

function said(schema: z.ZodType, value: unknown): string {
  return schemaIssue(schema.safeParse(value).error?.issues[0]?.message ?? '');
}

it.each<[schema: z.ZodType, value: unknown, words: string]>([
  [z.number(), undefined, 'is missing'],
  [z.number(), 'two', 'must be a number'],
  [z.number(), Number.NaN, 'must be a number'],
  [z.number().int(), 2.5, 'must be a whole number'],
  [z.string(), null, 'must be text'],
  [z.array(z.string()), {}, 'must be a list'],
  [z.object({}), [], 'must be an object'],
  [z.record(z.string(), z.string()), [], 'must be an object'],
  [z.literal(1), 2, 'must be 1'],
  [z.enum(['dense', 'rtdetr']), 'other', 'must be one of "dense", "rtdetr"'],
  [z.number().min(0), -1, 'must be a number >=0'],
  [z.array(z.string()).min(1), [], 'must be a list >=1 items'],
  [z.string().refine(() => false, 'say it so'), 'x', 'say it so'],
])('%#: says in words what is wrong', (schema, value, words) => {
  expect(said(schema, value)).toBe(words);
});
