// @vitest-environment jsdom
import { act } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { failure } from './testing/memoryReview.ts';
import { buttonNamed, holdAnswers, openReview, type Opened, useBrowserParts } from './testing/renderReview.tsx';
import { sample, threeSamples } from './testing/samples.ts';

useBrowserParts();

/** An image without predictions, and one with. */
function openEmpty(): Promise<Opened> {
  return openReview({ samples: [sample(31, []), sample(32, [[1, 1, 30, 30, 0, 0.9]])] });
}

function headerFacts(): string {
  return document.querySelector('.header-facts')?.textContent ?? '';
}

describe('a verdict', () => {
  it('takes one key, records the seconds, and shows the next image', async () => {
    const page = await openReview();
    page.wait(4);
    await page.press('a');
    expect(page.review.submissions).toEqual([
      {
        sampleId: 11,
        decision: { verdict: 'accepted', kept: [0, 1], confirmBackground: false },
        reviewSeconds: 4,
        overwrite: false,
      },
    ]);
    expect(page.text()).toContain('12.jpg');
    expect(page.text()).toContain('Saved: accepted. 2 left.');
    page.wait(2);
    await page.press('Enter');
    expect(page.review.submissions[1]).toMatchObject({ sampleId: 12, reviewSeconds: 2 });
  });

  it('shows the next image only when it is on disk, and refuses verdicts until then', async () => {
    const page = await openReview();
    const release = holdAnswers(page.review);
    await page.press('a');
    expect(page.text()).toContain('11.jpg');
    expect(page.text()).toContain('Saving…');
    await page.press('a', 's', 'b');
    expect(page.text()).toContain('The next image is not shown yet. Press the key again.');
    expect(page.review.calls.filter((call) => call !== 'ready')).toEqual(['submit']);
    release();
    await page.settle();
    expect(page.text()).toContain('12.jpg');
    expect(page.review.submissions).toHaveLength(1);
  });

  it.each([
    [['r', '1'], 'rejected-background'],
    [['r', '2'], 'rejected-unusable'],
    [['r', 'x'], 'rejected-unusable'],
    [['r', '3'], 'rejected-later'],
    [['b'], 'rejected-background'],
    [['x'], 'rejected-unusable'],
    [['l'], 'rejected-later'],
    [['s'], 'skipped'],
  ])('%s is %s', async (keys, verdict) => {
    const page = await openReview();
    await page.press(...keys);
    expect(page.review.submissions.map((one) => one.decision)).toEqual([{ verdict }]);
  });

  it('is not given if Escape cancels the rejection, nor by A before', async () => {
    const page = await openReview();
    await page.press('r');
    expect(buttonNamed('Label later')).not.toBeNull();
    await page.press('a', 'Escape');
    expect(buttonNamed('Label later')).toBeNull();
    expect(page.review.submissions).toEqual([]);
  });

  it('is not undone while the reason for a rejection is asked', async () => {
    const page = await openReview();
    await page.press('a', 'r', 'u');
    expect(page.review.calls).not.toContain('undo');
    expect(page.review.submissions).toHaveLength(1);
  });

  it('has the chosen reason, even if VS Code is slower than the second key', async () => {
    const page = await openReview();
    page.review.host.channel.send('review/action', { action: 'reject' });
    page.review.host.channel.send('review/action', { action: 'change-class', classId: 2 });
    await page.settle();
    expect(page.review.submissions.map((one) => one.decision)).toEqual([{ verdict: 'rejected-later' }]);
  });

  it('is given by buttons and commands of VS Code as by keys', async () => {
    const page = await openReview();
    await page.click('Skip');
    page.review.host.channel.send('review/action', { action: 'reject-later' });
    await page.settle();
    expect(page.review.submissions.map((one) => one.decision.verdict)).toEqual(['skipped', 'rejected-later']);
  });

  it('is left to the keybindings of VS Code, unlike the answer to a question', async () => {
    const page = await openReview();
    const seen: string[] = [];
    const listener = (event: KeyboardEvent): void => void seen.push(event.key);
    window.addEventListener('keydown', listener);
    await page.press('s', 'q', 'r', '1', 'Escape');
    window.removeEventListener('keydown', listener);
    expect(seen).toEqual(['s', 'q', 'r']);
    expect(page.review.submissions).toHaveLength(2);
  });

  it('can be undone, which restores the corrections', async () => {
    const page = await openReview();
    await page.press('.', 'e', 'ArrowRight', 'a');
    expect(page.review.submissions[0]?.decision).toMatchObject({ verdict: 'corrected' });
    await page.press('u');
    expect(page.text()).toContain('11.jpg');
    expect(page.text()).toContain('Undone: corrected, 11.jpg. 3 left.');
    expect(buttonNamed('Accept with corrections')).not.toBeNull();
    await page.press('Ctrl+z');
    expect(buttonNamed('Accept')).not.toBeNull();
  });

  it('can be redone after an undo, with its name on the button', async () => {
    const page = await openReview();
    await page.press('.', 'e', 'ArrowRight', 'a');
    expect(buttonNamed('Redo verdict')).toBeNull();
    expect(buttonNamed('Undo verdict')?.getAttribute('title')).toBe('corrected, 11.jpg');
    await page.press('u');
    expect(buttonNamed('Redo verdict')?.getAttribute('title')).toBe('corrected, 11.jpg');
    await page.press('Shift+U');
    expect(page.text()).toContain('Redone: corrected, 11.jpg. 2 left.');
    expect(page.review.judged(11).verdict).toBe('corrected');
    expect(page.review.drafts.size).toBe(0);
    await page.press('Shift+U');
    expect(page.text()).toContain('There is no verdict to redo.');
    await page.press('u', 'u');
    expect(page.text()).toContain('There is no verdict to undo.');
  });

  it('is not given if the image is not visible', async () => {
    const broken = { ...sample(21, [[1, 1, 20, 20, 0, 0.9]]), imageUrl: 'https://images/broken.jpg' };
    const page = await openReview({ samples: [broken, ...threeSamples()] });
    expect(page.text()).toContain('This image cannot be shown.');
    await page.press('a');
    expect(page.review.submissions).toEqual([]);
    await page.press('x');
    expect(page.review.submissions.map((one) => one.decision.verdict)).toEqual(['rejected-unusable']);
  });

  it('is not written again without a change', async () => {
    const page = await openReview();
    await page.press('a', 'ArrowLeft');
    expect(page.text()).toContain('accepted');
    expect(buttonNamed('Keep, next')).not.toBeNull();
    await page.press('a');
    expect(page.review.submissions).toHaveLength(1);
    expect(page.text()).toContain('12.jpg');
  });

  it('counts no time while the page is hidden', async () => {
    const page = await openReview();
    page.wait(3);
    vi.spyOn(document, 'hasFocus').mockReturnValue(false);
    act(() => void window.dispatchEvent(new Event('blur')));
    page.wait(50);
    vi.spyOn(document, 'hasFocus').mockReturnValue(true);
    act(() => void window.dispatchEvent(new Event('focus')));
    page.wait(1);
    await page.press('a');
    expect(page.review.submissions[0]?.reviewSeconds).toBe(4);
  });
});

describe('the pace', () => {
  const eight = [...Array(8).keys()].map((place) => sample(40 + place, [[1, 1, 30, 30, 0, 0.9]]));

  it('is not shown before five images have a verdict, then in whole seconds and minutes', async () => {
    const page = await openReview({ samples: eight });
    for (let image = 0; image < 4; image++) {
      page.wait(0.1);
      await page.press('a');
    }
    expect(headerFacts()).toBe('5 of 84 left');
    page.wait(0.1);
    await page.press('a');
    expect(headerFacts()).toBe('6 of 83 left · less than 1 s an image · less than a minute to go');
    page.wait(25);
    page.wait(25);
    await page.press('a');
    expect(headerFacts()).toBe('7 of 82 left · 8 s an image · less than a minute to go');
  });

  it('counts no idle time, adds a second look to the first, and is the same after a reload', async () => {
    const page = await openReview({ samples: eight });
    for (let image = 0; image < 6; image++) {
      page.wait(10);
      await page.press('a');
    }
    expect(headerFacts()).toBe('7 of 82 left · 10 s an image · less than a minute to go');
    page.wait(3600);
    await page.press('s');
    expect(headerFacts()).toContain('1 left · 13 s an image');
    await page.press('u');
    page.wait(18);
    await page.press('s');
    expect(headerFacts()).toContain('1 left · 15 s an image');
    page.close();
    const { review } = page;
    const reloaded = await openReview({
      samples: eight,
      prepare: (fresh) => {
        for (const one of review.state().queue) fresh.time(one);
      },
    });
    expect(headerFacts()).toContain('1 left · 15 s an image');
    expect(document.querySelector('.header-facts .muted')?.getAttribute('title')).toBe('6 accepted, 1 skipped');
    reloaded.close();
  });

  it('is shown with the verdicts at the end', async () => {
    const page = await openReview({ samples: eight.slice(0, 5) });
    for (let image = 0; image < 5; image++) {
      page.wait(30);
      await page.press('a');
    }
    expect(page.text()).toContain('All samples reviewed');
    expect(page.text()).toContain('30 s an image · 3 min in all');
  });
});

describe('a box on an image without predictions', () => {
  it('is labelled, not corrected', async () => {
    const page = await openEmpty();
    expect(buttonNamed('Save labels')).toBeNull();
    const box = { x1: 5, y1: 5, x2: 50, y2: 50, classId: 0 };
    act(() => page.panel.store.dispatch({ type: 'copied', boxes: [box] }));
    await page.press('Ctrl+v');
    expect(buttonNamed('Save labels')).not.toBeNull();
    expect(buttonNamed('Accept with corrections')).toBeNull();
    await page.press('a');
    expect(page.review.submissions[0]?.decision).toEqual({ verdict: 'corrected', boxes: [box] });
    expect(page.text()).toContain('Saved: labelled. 1 left.');
    expect(document.querySelector('.header-facts .muted')?.getAttribute('title')).toBe('1 labelled');
    // The other image has a prediction.
    await page.press('.', 'Delete', 'Ctrl+v', 'a');
    expect(page.text()).toContain('1 labelled');
    expect(page.text()).toContain('1 corrected');
  });
});

describe('an image without a box', () => {
  it('becomes background only after a second, different key', async () => {
    const page = await openEmpty();
    await page.press('a', 'a', 'a');
    expect(page.review.submissions).toEqual([]);
    expect(page.text()).toContain('Label this image as background?');
    await page.press('y');
    expect(page.review.submissions[0]?.decision).toEqual({
      verdict: 'accepted',
      kept: [],
      confirmBackground: true,
    });
  });

  it('asks again after it was cancelled', async () => {
    const page = await openEmpty();
    await page.press('a', 'Escape', 'y');
    expect(page.review.submissions).toEqual([]);
    await page.press('a', 'Enter');
    expect(page.review.submissions).toHaveLength(1);
  });

  it('is a correction if the user deleted all boxes', async () => {
    const page = await openReview({ samples: [sample(32, [[1, 1, 30, 30, 0, 0.9]]), sample(33, [])] });
    await page.press('.', 'Delete', 'a');
    expect(page.review.submissions).toEqual([]);
    await page.press('y');
    expect(page.review.submissions[0]?.decision).toEqual({ verdict: 'corrected', boxes: [] });
  });
});

describe('a verdict that fails', () => {
  it('asks if another program changed the labels: overwrite writes the edits', async () => {
    const page = await openReview();
    page.review.failNext = failure('edited-outside');
    await page.press('.', '3', 'Enter');
    expect(page.text()).toContain('The label file was changed by another program.');
    // The next Tab reaches the buttons, but the same key again chooses nothing.
    expect(document.activeElement?.className).toContain('ui-message');
    expect(page.text()).toContain('11.jpg');
    await page.click('Overwrite');
    expect(page.review.submissions).toMatchObject([{ overwrite: true, decision: { verdict: 'corrected' } }]);
    expect(page.text()).toContain('12.jpg');
    expect(page.text()).not.toContain('another program');
  });

  it('asks if another program changed the labels: reload drops the edits', async () => {
    const page = await openReview();
    page.review.failNext = failure('edited-outside');
    await page.press('.', '3', 'a');
    page.review.judge(11, 'accepted', [{ x1: 1, y1: 1, x2: 50, y2: 50, classId: 1 }]);
    await page.click('Reload');
    expect(page.review.calls.at(-1)).toBe('rescan 11');
    expect(page.review.submissions).toEqual([]);
    expect(page.text()).not.toContain('Accept with corrections');
    expect(document.querySelectorAll('.box-row.kept')).toHaveLength(1);
  });

  it('shows the cause and a hint, keeps the edits, and writes the current boxes on the next attempt', async () => {
    const page = await openReview();
    page.review.failNext = failure('disk', 'No space left on device.', 'Free some space.');
    await page.press('.', 'e', 'ArrowRight', 'a');
    expect(page.text()).toContain('No space left on device. Free some space.');
    expect(buttonNamed('Accept with corrections')).not.toBeNull();
    await page.press('ArrowRight');
    await page.click('Try again');
    const decision = page.review.submissions[0]?.decision;
    expect(decision).toMatchObject({ verdict: 'corrected' });
    expect(decision?.verdict === 'corrected' ? decision.boxes[0]?.x1 : null).toBe(12);
  });

  it('asks before an undo overwrites the change of another program', async () => {
    const page = await openReview();
    await page.press('a');
    page.review.failNext = failure('edited-outside');
    await page.press('u');
    expect(page.review.calls.filter((call) => call === 'undo')).toHaveLength(1);
    await page.click('Undo anyway');
    expect(page.text()).toContain('11.jpg');
  });

  it('can be dismissed', async () => {
    const page = await openReview();
    page.review.failNext = failure('disk', 'No space left.', '');
    await page.press('s');
    await page.click('Dismiss');
    expect(page.text()).not.toContain('No space left.');
  });
});
