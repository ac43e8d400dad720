// @vitest-environment jsdom
import { act } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { buttonNamed, keyEvent, openReview, type Opened, useBrowserParts } from './testing/renderReview.tsx';

useBrowserParts();

/** The repeated events of a held key. */
async function hold(page: Opened, chord: string, times = 3, more: KeyboardEventInit = {}): Promise<void> {
  const target = document.activeElement ?? document.body;
  for (let i = 0; i < times; i++) act(() => void target.dispatchEvent(keyEvent(chord, { ...more, repeat: true })));
  await page.settle();
}

function letGo(key: string): void {
  act(() => void document.body.dispatchEvent(new KeyboardEvent('keyup', { key, bubbles: true })));
}

function verdicts(page: Opened): string[] {
  return page.review.submissions.map(({ sampleId, decision }) => `${sampleId} ${decision.verdict}`);
}

describe('a held key', () => {
  it.each(['a', 'b', 's', 'Enter'])(
    'gives one verdict: %s, also where its commands come after its end',
    async (key) => {
      const page = await openReview({ slowCommands: true });
      await page.press(key);
      await hold(page, key);
      letGo(key);
      act(() => void window.dispatchEvent(new Event('blur')));
      await page.commandsCome();
      expect(verdicts(page)).toHaveLength(1);
    },
  );

  it('is not left to VS Code again, so that no keybinding turns it into verdicts', async () => {
    const page = await openReview({ keybindings: { Q: 'accept' }, slowCommands: true });
    await page.press('q');
    await page.commandsCome();
    await hold(page, 'q');
    letGo('q');
    await page.commandsCome();
    expect(verdicts(page)).toEqual(['11 accepted']);
  });

  it('gives one verdict if the user bound it to a repeating key', async () => {
    const page = await openReview({ keybindings: { ArrowRight: 'accept' }, slowCommands: true });
    await page.press('ArrowRight');
    await page.commandsCome();
    await hold(page, 'ArrowRight');
    letGo('ArrowRight');
    await page.commandsCome();
    expect(verdicts(page)).toEqual(['11 accepted']);
  });

  it('moves the box, though the command that lets it move comes later', async () => {
    const page = await openReview({ slowCommands: true });
    await page.press('.');
    await page.commandsCome();
    await page.press('3', 'e', 'ArrowRight', 'ArrowRight', 'Shift+ArrowDown');
    await page.commandsCome();
    expect(page.text()).toContain('11.jpg');
    expect(page.panel.store.getState().draft?.history.present.boxes[0]).toMatchObject({ classId: 2, x1: 12, y1: 20 });
  });

  it('does not cancel the verdict of the key before it', async () => {
    const page = await openReview({ slowCommands: true });
    await page.press('a');
    await hold(page, '.');
    await page.commandsCome();
    expect(verdicts(page)).toEqual(['11 accepted']);
  });

  it('repeats if allowed: for boxes, and for the focus of the browser', async () => {
    const page = await openReview();
    await page.press('ArrowRight', 'ArrowLeft');
    await hold(page, 'ArrowRight', 2);
    expect(page.review.calls.filter((call) => call.startsWith('open'))).toHaveLength(4);
    expect(page.text()).toContain('13.jpg');
    const tab = keyEvent('Tab', { repeat: true });
    act(() => void document.body.dispatchEvent(tab));
    expect(tab.defaultPrevented).toBe(false);
  });

  it('clicks a button only once', async () => {
    await openReview();
    const button = buttonNamed('Skip');
    const event = keyEvent('Enter', { repeat: true });
    act(() => void button?.dispatchEvent(event));
    expect(event.defaultPrevented).toBe(true);
  });

  it('undoes edits but no verdict', async () => {
    const page = await openReview();
    await page.press('a', '.', 'Delete');
    await page.press('Ctrl+z');
    await hold(page, 'Ctrl+z', 5);
    expect(page.review.calls).not.toContain('undo');
  });
});

describe('a verdict whose command arrives late', () => {
  it.each([
    [['a', 'a'], '11 accepted'],
    [['b', 'b'], '11 rejected-background'],
    [['s', 'x'], '11 skipped'],
    [['a', 'r', '1'], '11 accepted'],
  ])('applies to the image that was shown: %s', async (keys, verdict) => {
    const page = await openReview({ slowCommands: true });
    await page.press(...keys);
    await page.commandsCome();
    expect(page.text()).toContain('12.jpg');
    expect(buttonNamed('Label later')).toBeNull();
    expect(verdicts(page)).toEqual([verdict]);
  });

  it('applies to it even with the key of a user', async () => {
    const page = await openReview({ slowCommands: true, keybindings: { Q: 'accept' } });
    await page.press('q', 'q');
    await page.commandsCome();
    expect(verdicts(page)).toEqual(['11 accepted']);
  });

  it('applies to it even after a key on the next image', async () => {
    const page = await openReview({ slowCommands: true });
    await page.press('a', 'a');
    await page.commandsCome(1);
    await page.press('.');
    await page.commandsCome();
    expect(verdicts(page)).toEqual(['11 accepted']);
  });

  it('applies to the next image with a key that was pressed there, or without a key', async () => {
    const page = await openReview({ slowCommands: true });
    await page.press('a');
    await page.commandsCome();
    await page.press('a');
    await page.commandsCome();
    page.review.host.channel.send('review/action', { action: 'skip' });
    await page.settle();
    expect(verdicts(page)).toEqual(['11 accepted', '12 accepted', '13 skipped']);
  });

  it('applies to the next image without a key after the key that opened the palette', async () => {
    const page = await openReview({ slowCommands: true });
    await page.press('F1');
    page.wait(1);
    page.review.host.channel.send('review/action', { action: 'skip' });
    await page.settle();
    page.wait(1);
    page.review.host.channel.send('review/action', { action: 'reject-background' });
    await page.settle();
    expect(verdicts(page)).toEqual(['11 skipped', '12 rejected-background']);
  });

  it('is refused with the second press of a key of a user, however late its command comes', async () => {
    const page = await openReview({ slowCommands: true, keybindings: { Q: 'accept' } });
    await page.press('q', 'q');
    await page.commandsCome(1);
    page.wait(2);
    await page.commandsCome();
    expect(verdicts(page)).toEqual(['11 accepted']);
  });

  it('applies to the next image from the palette after an unused key and a click', async () => {
    const page = await openReview();
    await page.press('q');
    await page.click('Skip');
    act(() => void document.body.dispatchEvent(new MouseEvent('pointerdown', { bubbles: true })));
    page.review.host.channel.send('review/action', { action: 'skip' });
    await page.settle();
    expect(verdicts(page)).toEqual(['11 skipped', '12 skipped']);
  });
});

describe('a sign on a different key than on a US keyboard', () => {
  it.each([
    ['?', 'Minus', 'keys'],
    ['?', 'KeyM', 'keys'],
    ['?', 'Slash', null],
  ])('%s on %s is handled by the page, because VS Code may find no keybinding', async (key, code, prompt) => {
    // VS Code does not answer.
    const page = await openReview({ slowCommands: true });
    const event = keyEvent(key, { code, shiftKey: true });
    act(() => void document.body.dispatchEvent(event));
    await hold(page, key, 1, { code, shiftKey: true });
    expect(page.panel.store.getState().prompt).toBe(prompt);
    expect(event.defaultPrevented).toBe(true);
  });

  it.each([
    ['BracketRight', 1],
    ['Equal', 0],
    ['NumpadAdd', 0],
  ])('+ on %s', async (code, zooms) => {
    const page = await openReview({ slowCommands: true });
    const zoomBy = vi.fn();
    const canvas = page.panel.performer.canvas;
    if (canvas !== null) page.panel.performer.canvas = { ...canvas, zoomBy };
    act(() => void document.body.dispatchEvent(keyEvent('', { key: '+', code })));
    expect(zoomBy).toHaveBeenCalledTimes(zooms);
  });

  it('does not ask while the reason for a rejection is asked', async () => {
    const page = await openReview();
    await page.press('r');
    act(() => void document.body.dispatchEvent(keyEvent('?', { code: 'Minus', shiftKey: true })));
    expect(page.panel.store.getState().prompt).toBe('reject');
  });
});

describe('an open question', () => {
  it.each([['4'], ['0'], ['c'], ['Delete'], ['k'], ['ArrowUp'], ['Shift+ArrowRight'], ['Ctrl+s'], ['?']])(
    'about a rejection, %s changes no box and ends no question',
    async (key) => {
      const page = await openReview({ prepare: (review) => (review.classNames = [...'abcdefghij']) });
      await page.press('.', 'r');
      const before = page.panel.store.getState();
      await page.press(key);
      const after = page.panel.store.getState();
      expect(after.draft).toBe(before.draft);
      expect(after.nextClass).toBe(before.nextClass);
      expect(after.prompt).toBe('reject');
      expect(verdicts(page)).toEqual([]);
    },
  );

  it('about a rejection allows zooming and browsing, and R closes it', async () => {
    const page = await openReview();
    await page.press('r', 'r');
    expect(buttonNamed('Label later')).toBeNull();
    await page.press('r', 'PageDown');
    expect(page.text()).toContain('12.jpg');
  });

  it.each([['a'], ['Enter'], ['b'], ['1'], ['Delete'], ['u'], ['Ctrl+z'], ['ArrowRight'], ['ArrowDown']])(
    'of keys, %s neither judges nor changes the image',
    async (key) => {
      const page = await openReview();
      await page.press('a', '.', 'e', 'Shift+ArrowDown', '?');
      const before = page.panel.store.getState();
      await page.press(key);
      expect(page.panel.store.getState().draft).toBe(before.draft);
      expect(page.panel.store.getState().prompt).toBe('keys');
      expect(page.review.calls).not.toContain('undo');
      expect(verdicts(page)).toEqual(['11 accepted']);
      await page.press('?');
      expect(page.panel.store.getState().prompt).toBeNull();
    },
  );

  it('about background is opened, but not answered, by the key that saves corrections', async () => {
    const page = await openReview();
    await page.press('.', 'Delete', '.', 'Delete', '.', 'Delete');
    await page.press('Ctrl+s', 'Ctrl+s');
    expect(page.panel.store.getState().prompt).toBe('background');
    expect(verdicts(page)).toEqual([]);
  });
});
