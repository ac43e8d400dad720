// @vitest-environment jsdom
import { act } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { failure, type MemoryReview } from './testing/memoryReview.ts';
import { buttonNamed, openReview, type Opened, useBrowserParts } from './testing/renderReview.tsx';
import { threeSamples } from './testing/samples.ts';

useBrowserParts();

describe('the page', () => {
  it('shows that the review is done, and the next steps', async () => {
    const page = await openReview();
    await page.press('a', 'a', 's');
    expect(page.text()).toContain('All samples reviewed');
    expect(page.text()).toContain('Saved: skipped. All samples are reviewed.');
    await page.press('a', 'x', 'Enter');
    expect(page.review.submissions).toHaveLength(3);
    expect(document.activeElement?.tagName).not.toBe('VSCODE-BUTTON');
    await page.click('Train next iteration');
    expect(page.review.calls.at(-1)).toBe('train-next');
    await page.click('Show metrics');
    expect(page.review.calls.at(-1)).toBe('show-metrics');
    await page.click('Review skipped images');
    expect(page.text()).toContain('13.jpg');
    await page.press('b');
    expect(page.text()).toContain('All samples reviewed');
  });

  it.each([
    ['the arrow', ['ArrowRight']],
    ['the key that keeps what is saved', ['a']],
  ])('goes back to the summary by %s on the last image', async (_, keys) => {
    const page = await openReview();
    await page.press('a', 'a', 'b', 'ArrowLeft');
    expect(page.text()).toContain('12.jpg');
    await page.press('ArrowRight');
    expect(page.text()).toContain('13.jpg');
    await page.press(...keys);
    expect(page.text()).toContain('All samples reviewed');
    expect(page.review.submissions).toHaveLength(3);
  });

  it('links to the summary while an image is reopened', async () => {
    const page = await openReview();
    expect(buttonNamed('Back to the summary')).toBeNull();
    await page.press('a', 'a', 'b', 'ArrowLeft');
    await page.click('Back to the summary');
    expect(page.text()).toContain('All samples reviewed');
    expect(buttonNamed('Back to the summary')).toBeNull();
  });

  it('shows why the next iteration did not start', async () => {
    const page = await openReview();
    await page.press('b', 'b', 'b');
    page.review.failNext = failure('not-now', 'A training is running already.', '');
    await page.click('Train next iteration');
    expect(page.text()).toContain('A training is running already.');
  });

  it('explains why a blind image shows no predictions, until its verdict', async () => {
    const [first, ...others] = threeSamples();
    if (first === undefined) throw new Error('There is no sample.');
    const page = await openReview({ samples: [{ ...first, predictions: [], blind: true }, ...others] });
    expect(page.text()).toContain('Predictions are hidden until your verdict');
    await page.press('b');
    expect(page.text()).toContain('12.jpg');
    expect(page.text()).not.toContain('Predictions are hidden');
    await page.press('ArrowLeft');
    expect(page.text()).not.toContain('Predictions are hidden');
  });

  it('warns while the extension has lost it', async () => {
    const page = await openReview();
    act(() => page.panel.store.dispatch({ type: 'lost', lost: true }));
    expect(page.text()).toContain('This panel lost its connection to the extension. Open the review again');
    act(() => page.panel.store.dispatch({ type: 'lost', lost: false }));
    expect(page.text()).not.toContain('lost its connection');
  });

  it('shows that there is nothing to review', async () => {
    const page = await openReview({ samples: [], prepare: (review) => (review.notice = 'Train the first model.') });
    expect(page.text()).toContain('There is nothing to review');
    expect(page.text()).toContain('Train the first model.');
    await page.press('a', 'r', 'ArrowRight', 'u', '1', 'Delete');
    expect(page.review.calls).toEqual(['ready']);
  });

  it('is read-only if the sample must not be changed', async () => {
    const page = await openReview({
      prepare: (review) => {
        review.editable = false;
        review.notice = 'Iteration 2 is over.';
      },
    });
    expect(page.text()).toContain('Read-only. Iteration 2 is over.');
    expect(buttonNamed('Accept')).toBeNull();
    await page.press('.', 'e', 'ArrowUp', '3', 'Delete', 'a', 'b', 'd', 'u');
    expect(page.review.calls).toEqual(['ready']);
    expect(page.panel.store.getState().draft?.history.past).toEqual([]);
    await page.press('Escape', 'ArrowRight');
    expect(page.text()).toContain('12.jpg');
  });

  it('offers to try again when the host does not answer', async () => {
    const page = await openReview({
      prepare: (review) => (review.failNext = failure('locked', 'The database is locked.')),
    });
    expect(page.text()).toContain('The database is locked.');
    await page.click('Try again');
    expect(page.text()).toContain('11.jpg');
  });

  it('speaks the language of the host', async () => {
    const page = await openReview({
      prepare: (review) => (review.strings = { Accept: 'Annehmen', 'Saves {0} boxes': 'Speichert {0} Rahmen' }),
    });
    expect(buttonNamed('Annehmen')).not.toBeNull();
    expect(page.text()).toContain('Speichert 2 Rahmen');
  });

  it("follows the user's keybindings, and ignores removed ones", async () => {
    const page = await openReview({ keybindings: { F: 'accept', A: null } });
    await page.press('a');
    expect(page.review.submissions).toEqual([]);
    await page.press('f');
    expect(page.review.submissions).toHaveLength(1);
  });

  it('shows all keys on request, opens their editor, and closes the help on Escape', async () => {
    const page = await openReview();
    await page.press('?');
    expect(page.text()).toContain('Hold and drag to move the image');
    await page.click('Change keys…');
    expect(page.review.calls.at(-1)).toBe('change-keys');
    await page.press('Escape');
    expect(page.text()).not.toContain('Hold and drag to move the image');
  });
});

const rows = () =>
  [...document.querySelectorAll('.score')].map((row) => ({
    title: row.querySelector('dt')?.textContent,
    text: row.querySelector('dd .value')?.textContent,
    bars: row.querySelectorAll('.bar').length,
  }));
const lacking = () => [...document.querySelectorAll('.lacking')].map((line) => line.textContent);

describe('the scores of an image', () => {
  it('have a bar each; missing ones are listed with the reason', async () => {
    await openReview();
    expect(rows()).toEqual([{ title: 'Entropy', text: '0.50', bars: 1 }]);
    expect(lacking()).toEqual(['Localisation: not available for this head.', 'Margin: not scored.']);
  });

  it('share one line if all are missing for the same reason', async () => {
    const reason = 'nothing was found in the image';
    const samples = threeSamples().map((sample) => ({
      ...sample,
      scores: sample.scores.map((score) => ({ ...score, value: null, reason })),
    }));
    await openReview({ samples });
    expect(rows()).toEqual([]);
    expect(lacking()).toEqual(['No score: nothing was found in the image.']);
  });
});

describe('a new state of the host', () => {
  it('replaces the old one, and keeps the edits of the open image', async () => {
    const page = await openReview();
    await page.press('.', '3');
    page.review.judge(12, 'accepted', []);
    page.review.host.channel.send('review/state', page.review.state());
    await page.settle();
    expect(page.text()).toContain('2 left');
    expect(buttonNamed('Accept with corrections')).not.toBeNull();
  });

  it('warns if another window saved a verdict on the open image', async () => {
    const page = await openReview();
    await page.press('.', '3');
    page.review.judge(11, 'rejected-background', []);
    page.review.host.channel.send('review/state', page.review.state());
    await page.settle();
    expect(page.text()).toContain('Your edits are from before the saved labels changed.');
    await page.click('Show what is saved');
    expect(page.text()).not.toContain('You have edits');
    expect(document.querySelectorAll('.box-row.kept')).toHaveLength(0);
  });

  it('is ignored if it is invalid', async () => {
    const page = await openReview();
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    page.review.host.channel.send('review/state', { queue: 7 } as never);
    await page.settle();
    expect(logged).toHaveBeenCalledOnce();
    expect(page.text()).toContain('11.jpg');
  });
});

describe('why an image was selected', () => {
  it('is not asked of an image outside a batch', async () => {
    const batch = await openReview();
    expect(batch.text()).toContain('Why this image');
    batch.close();
    const page = await openReview({
      samples: threeSamples().map((one) => ({ ...one, predictions: [], reasons: [], scores: [] })),
    });
    expect(page.text()).not.toContain('Why this image');
  });
});

describe('a reload', () => {
  it('loses neither edits nor the open image', async () => {
    const before = await openReview();
    await before.press('.', '3', 'Escape', 'ArrowRight', '.', 'Delete', 'Escape');
    act(() => before.panel.chooseThreshold(0.4));
    await before.settle();
    before.close();
    const page = await openReview({ saved: before.review.host.saved, prepare: storedBy(before) });
    expect(page.text()).toContain('12.jpg');
    expect(document.querySelectorAll('.box-row')).toHaveLength(0);
    expect(page.panel.store.getState().host?.thresholds.chosen).toBe(0.4);
    await page.press('Ctrl+z');
    expect(document.querySelectorAll('.box-row')).toHaveLength(1);
    await page.press('ArrowLeft');
    expect(page.panel.store.getState().draft?.history.present.boxes[0]?.classId).toBe(2);
  });

  it('does not bring back saved edits', async () => {
    const before = await openReview();
    await before.press('.', '3', 'a');
    before.close();
    expect(before.review.current).toBe(12);
    expect(before.review.drafts.size).toBe(0);
  });

  it('drops an invalid saved state', async () => {
    for (const nonsense of [null, 7, 'x', { version: 1 }, { version: 1, view: 'x', scoresShown: 'x' }]) {
      const other = await openReview({ saved: nonsense });
      expect(other.text()).toContain('11.jpg');
      other.close();
    }
  });

  it('brings back edits with their undo and redo, although the page had no time to save its own state', async () => {
    const before = await openReview();
    await before.press('.', '3', 'Delete', '.', 'Delete', 'Ctrl+z');
    before.close();
    const page = await openReview({ prepare: storedBy(before) });
    const classes = (): number[] =>
      (page.panel.store.getState().draft?.history.present.boxes ?? []).map(({ classId }) => classId);
    expect(classes()).toEqual([1]);
    await page.press('Ctrl+Shift+z');
    expect(classes()).toEqual([]);
    await page.press('Ctrl+z', 'Ctrl+z');
    expect(classes()).toEqual([2, 1]);
    await page.press('Ctrl+z');
    expect(classes()).toEqual([0, 1]);
    expect(document.querySelector('.chip.edited')).toBeNull();
    // All is undone, but can be redone after one more reload.
    page.close();
    const last = await openReview({ prepare: storedBy(page) });
    expect(last.panel.store.getState().draft?.history.future).toHaveLength(3);
    expect(last.review.state().drafts).toEqual([]);
  });

  it('marks images with stored edits that are not open', async () => {
    const before = await openReview();
    await before.press('.', '3', 'Escape', 'ArrowRight');
    before.close();
    const page = await openReview({ prepare: storedBy(before), saved: before.review.host.saved });
    expect([...document.querySelectorAll('.chip')].map(({ className }) => className.includes('edited'))).toEqual([
      true,
      false,
      false,
    ]);
    page.close();
  });

  it('shows stored edits although another program changed the labels meanwhile, with a warning', async () => {
    const before = await openReview();
    await before.press('.', '3');
    before.close();
    const label = { x1: 1, y1: 2, x2: 30, y2: 40, classId: 1 };
    const page = await openReview({
      prepare: (review) => {
        storedBy(before)(review);
        review.judge(11, 'accepted', [label]);
      },
    });
    expect(page.text()).toContain('Your edits are from before the saved labels changed.');
    expect(page.panel.store.getState().draft?.history.present.boxes[0]?.classId).toBe(2);
    // What is saved is a key away, and so are the edits again.
    await page.click('Show what is saved');
    expect(page.panel.store.getState().draft?.history.present.boxes).toMatchObject([label]);
    expect(page.text()).not.toContain('Your edits are from before');
    await page.press('Ctrl+z');
    expect(page.panel.store.getState().draft?.history.present.boxes[0]?.classId).toBe(2);
    expect(page.review.submissions).toEqual([]);
  });

  it('drops stored edits that cannot be read', async () => {
    for (const history of ['', '7', '{"version":1,"first":{"boxes":[{"x1":"a"}],"removed":[],"nextKey":1}}']) {
      const page = await openReview({
        prepare: ({ drafts }) => drafts.set(11, { basis: '', history, edited: true }),
      });
      expect(page.panel.store.getState().draft?.history.present.boxes).toHaveLength(2);
      page.close();
    }
  });
});

/** The host of the next page holds what this page stored. */
function storedBy({ review }: Opened): (next: MemoryReview) => void {
  return (next) => {
    for (const [sampleId, draft] of review.drafts) next.drafts.set(sampleId, draft);
    next.current = review.current;
    next.thresholds = review.thresholds;
    next.chosen = review.chosen;
  };
}

describe('an edit that the host cannot store', () => {
  it('is shown, and stays', async () => {
    const page = await openReview();
    page.review.failDrafts = failure('disk-full', 'The disk is full.');
    await page.press('.', '3');
    expect(page.text()).toContain('The disk is full.');
    expect(page.review.drafts.size).toBe(0);
    page.review.failDrafts = null;
    await page.click('Try again');
    expect(page.text()).not.toContain('The disk is full.');
    expect(page.review.drafts.size).toBe(1);
  });
});
