// @vitest-environment jsdom
import { act } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { ChangeView } from '../../../extension/src/protocol/review.ts';
import { failure } from './testing/memoryReview.ts';
import { buttonNamed, openReview, type Opened, useBrowserParts } from './testing/renderReview.tsx';

useBrowserParts();

const box = { x1: 5, y1: 6, x2: 50, y2: 60, classId: 2 };

const changes: readonly ChangeView[] = [
  { eventId: 8, title: 'Another program, today', verdictBefore: null, verdictAfter: null, before: [], after: [box] },
  {
    eventId: 7,
    title: 'Reviewer, yesterday',
    verdictBefore: null,
    verdictAfter: 'rejected-background',
    before: null,
    after: [],
  },
];

async function openHistory(known = changes): Promise<Opened> {
  const page = await openReview({ prepare: ({ history }) => history.set(11, known) });
  const details = document.querySelector('details.label-history');
  if (!(details instanceof HTMLDetailsElement)) throw new Error('There is no history.');
  await act(async () => {
    details.open = true;
    details.dispatchEvent(new Event('toggle'));
  });
  await page.settle();
  return page;
}

describe('the history of the labels', () => {
  it('shows who changed them and when, with the boxes before and after', async () => {
    await openHistory();
    const rows = [...document.querySelectorAll('.label-history li')];
    expect(rows.map((row) => row.querySelector('span')?.textContent)).toEqual([
      'Another program, today',
      'Reviewer, yesterday',
    ]);
    expect([...document.querySelectorAll('.label-history figcaption')].map(({ textContent }) => textContent)).toEqual([
      'Before, 0 boxes',
      'After, 1 box',
      'Before, no label file',
      'After, 0 boxes, nothing here',
    ]);
    const [, after] = document.querySelectorAll('.label-history svg');
    expect(after?.querySelectorAll('rect')).toHaveLength(1);
    expect(after?.querySelector('image')?.getAttribute('href')).toContain('11.jpg');
  });

  it('restores a state, and drops the edits that it replaces', async () => {
    const page = await openHistory();
    await page.press('.', '3');
    const button = document.querySelectorAll<HTMLElement>('.label-history vscode-button')[1];
    act(() => button?.click());
    await page.settle();
    expect(page.review.calls).toContain('restore 8 after');
    expect(page.panel.store.getState().draft?.history.present.boxes).toMatchObject([box]);
    expect(page.text()).toContain('The labels were restored.');
  });

  it('says if there is none', async () => {
    const page = await openHistory([]);
    expect(page.text()).toContain('These labels have not changed yet.');
  });

  it('shows a failure, which can be tried again', async () => {
    const page = await openHistory();
    page.review.failNext = failure('edited-outside');
    act(() => document.querySelector<HTMLElement>('.label-history vscode-button')?.click());
    await page.settle();
    expect(page.text()).toContain('It failed: edited-outside.');
    expect(buttonNamed('Try again')).not.toBeNull();
  });
});
