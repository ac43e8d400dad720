// @vitest-environment jsdom
import { act } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { createRandom } from '../../../extension/src/core/random.ts';
import { holdAnswers, openReview, type Opened, useBrowserParts } from './testing/renderReview.tsx';
import { sample } from './testing/samples.ts';

useBrowserParts();

const notShown = 'The next image is not shown yet. Press the key again.';

const many = Array.from({ length: 40 }, (_, index) => sample(index + 1, [[10, 10, 60, 60, 0, 0.9]]));

function currentOf(page: Opened): number | undefined {
  return page.panel.store.getState().host?.current?.sampleId;
}

function verdicts(page: Opened): string[] {
  return page.review.submissions.map(({ sampleId, decision }) => `${sampleId} ${decision.verdict}`);
}

/** Lets the images with these addresses load only when the returned function is called. */
function holdImages(part: string): () => void {
  const held: (() => void)[] = [];
  HTMLImageElement.prototype.decode = function decode(this: HTMLImageElement) {
    return this.src.includes(part) ? new Promise((resolve) => held.push(resolve)) : Promise.resolve();
  };
  return () => {
    for (const resolve of held) act(resolve);
  };
}

describe('keys for the next image', () => {
  it('move by one each, however slow the host is', async () => {
    const page = await openReview({ samples: many });
    const release = holdAnswers(page.review);
    for (let i = 0; i < 15; i++) await page.press('PageDown');
    await page.press('PageUp');
    release();
    await page.settle();
    expect(currentOf(page)).toBe(15);
    expect(page.text()).toContain('15 of 40');
    // The host hears of the first image and of the last one.
    expect(page.review.calls.filter((call) => call.startsWith('open'))).toEqual(['open 2', 'open 15']);
  });

  it('show images that were read ahead at once', async () => {
    const page = await openReview({ samples: many });
    holdAnswers(page.review);
    await page.press('PageDown', 'PageDown', 'PageDown');
    expect(page.text()).toContain('images/belt/4.jpg');
    expect(page.panel.store.getState().painted).toBe(4);
  });

  it('wait while a verdict is being saved, and continue from the next image', async () => {
    const page = await openReview({ samples: many });
    const release = holdAnswers(page.review);
    await page.press('a', 'ArrowRight', 'ArrowRight');
    release();
    await page.settle();
    expect(verdicts(page)).toEqual(['1 accepted']);
    expect(currentOf(page)).toBe(4);
  });

  it('wait for each other if nothing was read ahead', async () => {
    const page = await openReview({ samples: many, prepare: (review) => (review.readsAhead = false) });
    const release = holdAnswers(page.review);
    await page.press('a', 'ArrowRight', 'ArrowRight');
    release();
    await page.settle();
    await page.settle();
    expect(verdicts(page)).toEqual(['1 accepted']);
    expect(currentOf(page)).toBe(4);
  });

  it('leave a sample that is not here yet for one that is', async () => {
    const page = await openReview({ samples: many, prepare: (review) => (review.readsAhead = false) });
    const release = holdAnswers(page.review);
    await page.press('PageDown', 'PageDown', 'PageUp', 'PageUp');
    expect(currentOf(page)).toBe(1);
    release();
    await page.settle();
    expect(currentOf(page)).toBe(1);
    expect(page.panel.store.getState()).toMatchObject({ waiting: null, busy: null });
    await page.press('a');
    expect(verdicts(page)).toEqual(['1 accepted']);
  });

  it('do not go back when a state of the host arrives that is older than they are', async () => {
    const page = await openReview({ samples: many });
    const release = holdAnswers(page.review);
    await page.press('PageDown', 'PageDown');
    page.review.judge(5, 'skipped', null);
    page.review.host.channel.send('review/state', page.review.state());
    await page.settle();
    expect(currentOf(page)).toBe(3);
    expect(page.panel.store.getState().host?.queue[4]?.verdict).toBe('skipped');
    release();
    await page.settle();
    expect(currentOf(page)).toBe(3);
  });

  it('follow the host when it opens another image', async () => {
    const page = await openReview({ samples: many });
    const elsewhere = { ...page.review.state(), current: null };
    page.review.host.channel.send('review/state', elsewhere);
    await page.settle();
    expect(currentOf(page)).toBeUndefined();
  });
});

describe('a verdict key', () => {
  it('is refused visibly before the next image is on the screen, and works after it', async () => {
    const page = await openReview({ samples: many });
    const load = holdImages('/2.jpg');
    page.panel.store.dispatch({ type: 'ahead', samples: [] });
    await page.press('a', 'a');
    expect(document.querySelector('.review-refusal')?.textContent).toBe(notShown);
    expect(verdicts(page)).toEqual(['1 accepted']);
    load();
    await page.settle();
    await page.press('a');
    expect(verdicts(page)).toEqual(['1 accepted', '2 accepted']);
  });

  it('that was pressed before the image came is refused although its command comes later', async () => {
    const page = await openReview({ samples: many, slowCommands: true });
    await page.press('PageDown', 'a');
    await page.commandsCome();
    expect(verdicts(page)).toEqual([]);
    expect(currentOf(page)).toBe(2);
    expect(document.querySelector('.review-refusal')?.textContent).toBe(notShown);
  });

  it('with a question open is refused visibly', async () => {
    const page = await openReview({ samples: many });
    await page.press('r', 'a');
    expect(document.querySelector('.review-refusal')?.textContent).toBe('Answer the question first, or press Escape.');
  });

  it('removes the message after a moment', async () => {
    const page = await openReview({ samples: many, slowCommands: true });
    await page.press('PageDown', 'a');
    await page.commandsCome();
    expect(document.querySelector('.review-refusal')).not.toBeNull();
    await act(() => new Promise((resolve) => setTimeout(resolve, 1600)));
    expect(document.querySelector('.review-refusal')).toBeNull();
  });
});

describe('every key', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'moves, judges the image that was on the screen, or is refused: storm %i',
    async (seed) => {
      const random = createRandom(seed);
      const page = await openReview({
        samples: many,
        slowCommands: true,
        prepare: (review) => (review.readsAhead = seed % 2 === 0),
      });
      const moves = vi.spyOn(page.panel.navigation, 'show');
      page.review.before = () => new Promise((resolve) => setTimeout(resolve, random() * 4));
      const keys = ['a', 's', 'x', 'PageDown', 'PageDown', 'PageUp'];
      const seen = new Set<number>();
      let ends = 0;
      let announced = 0;
      page.panel.store.subscribe(() => {
        const { painted, announcement } = page.panel.store.getState();
        if (painted !== null) seen.add(painted);
        if (announcement.count === announced) return;
        announced = announcement.count;
        if (/^This is the (?:first|last) image\.$/.test(announcement.text)) ends++;
      });
      for (let i = 0; i < 60; i++) {
        const key = keys[Math.floor(random() * keys.length)] ?? 'a';
        await page.press(key);
        await page.commandsCome(Math.floor(random() * 3));
      }
      await page.commandsCome();
      await page.settle();
      await page.settle();
      const byUser = moves.mock.calls.filter(([, browse]) => browse).length;
      const refused = page.panel.store.getState().refusal.count;
      expect(page.review.submissions.length + byUser + refused + ends).toBe(60);
      expect(new Set(page.review.submissions.map(({ sampleId }) => sampleId)).size).toBeGreaterThan(3);
      for (const { sampleId } of page.review.submissions) expect(seen).toContain(sampleId);
    },
  );
});

describe('a queue of 10,000 samples', () => {
  it('shows the ones around the open sample only', async () => {
    const samples = Array.from({ length: 10_000 }, (_, index) => sample(index + 1, [[10, 10, 60, 60, 0, 0.9]]));
    const page = await openReview({ samples });
    act(() => page.panel.performer.open(5000));
    await page.settle();
    const chips = [...document.querySelectorAll('.chip')];
    expect(chips).toHaveLength(301);
    expect(document.querySelector('.chip[aria-current="true"]')?.textContent).toBe('5000');
    expect(chips.at(-1)?.getAttribute('aria-label')).toBe('Image 5150: not reviewed');
  });
});
