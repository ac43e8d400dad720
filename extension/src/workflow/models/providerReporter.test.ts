import { expect, test } from 'vitest';
import { ProviderReporter } from './providerReporter.ts';

test('names the provider once and again when it changes; always reports notes', () => {
  const told: string[] = [];
  const news = new ProviderReporter(
    { report: ({ step, message }) => told.push(`${step}: ${message}`) },
    'embed',
    'Describing images',
  );
  expect(news.name).toBeNull();
  news.report({ name: '2 CPU threads', notes: [] });
  news.report({ name: '2 CPU threads', notes: ['GPU is not used: it failed.'] });
  news.report({ name: 'GPU', notes: [] });
  expect(news.name).toBe('GPU');
  expect(told).toStrictEqual([
    'embed: Describing images on 2 CPU threads',
    'embed: GPU is not used: it failed.',
    'embed: Describing images on GPU',
  ]);
});
