// @vitest-environment jsdom
import { act } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { MetricsState } from '../../../extension/src/protocol/metrics.ts';
import { RequestFailed } from '../../../extension/src/protocol/channel.ts';
import { states } from './testing/metricsData.ts';
import { control, openMetrics, settle, useCleanPage } from './testing/renderMetrics.tsx';

useCleanPage();

function stateOf(name: string): MetricsState {
  const state = states[name];
  if (state === undefined) throw new Error(`There is no state ${name}.`);
  return state;
}

function card(title: string): HTMLElement {
  const found = [...document.querySelectorAll<HTMLElement>('.card')].find(
    (one) => one.querySelector('h3')?.textContent === title,
  );
  if (found === undefined) throw new Error(`There is no card ${title}.`);
  return found;
}

function tableButton(title: string): HTMLElement {
  const button = card(title).querySelector<HTMLElement>('[aria-label="Show as table"]');
  if (button === null) throw new Error('There is no button.');
  return button;
}

const press = async (element: HTMLElement): Promise<void> => {
  act(() => element.click());
  await settle();
};

const cells = (root: HTMLElement): string[][] =>
  [...root.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent ?? ''));

const said = (): string => document.querySelector('[role=status]')?.textContent ?? '';

const heading = (): string | undefined => document.querySelector('h1')?.textContent ?? undefined;

describe('the header', () => {
  it('shows the session, the state of its training, and the best version', async () => {
    const page = await openMetrics(stateOf('running'));
    expect(heading()).toBe('Machined parts, line 3');
    expect(page.text()).toContain('Training: 23 of 50 epochs complete');
    // A number is always shown with the images that it was measured on.
    expect(page.text()).toContain('Best version: iteration 4, mAP50-95 0.471 · 40 validation images · 4 of 5 classes');
    const bar = document.querySelector('[role=progressbar]');
    expect([bar?.getAttribute('aria-valuenow'), bar?.getAttribute('aria-valuemax')]).toEqual(['23', '50']);
  });

  it('warns while the extension has lost the panel', async () => {
    const page = await openMetrics(stateOf('finished'));
    act(() => page.panel.store.dispatch({ lost: true }));
    expect(page.text()).toContain('This panel lost its connection to the extension. Open the metrics again');
    act(() => page.panel.store.dispatch({ lost: false }));
    expect(page.text()).not.toContain('lost its connection');
  });

  it('exports the best version', async () => {
    const page = await openMetrics(stateOf('finished'));
    await page.click('Export best model');
    expect(page.asked).toEqual(['export']);
    expect(page.text()).not.toContain('Try again');
  });

  it('does not export without a best version', async () => {
    const page = await openMetrics(stateOf('starting'));
    await page.click('Export best model');
    expect(page.asked).toEqual([]);
    expect(control('Export best model').title).toBe('No model has been trained yet.');
  });

  it('requests the chosen run and shows the answer', async () => {
    const page = await openMetrics(stateOf('finished'));
    const run = stateOf('finished').run;
    if (run === null) throw new Error('No run.');
    page.answer = (runId) => ({ ...stateOf('finished'), run: { ...run, runId, iterationNumber: 2, epoch: 31 } });
    const choice = document.querySelector<HTMLElement & { value: string }>('vscode-dropdown');
    if (choice === null) throw new Error('There is no choice.');
    expect([...choice.querySelectorAll('vscode-option')].map((one) => one.textContent)).toEqual([
      'Iteration 4',
      'Iteration 3',
      'Iteration 2',
      'Iteration 1',
    ]);
    choice.value = 'run-2';
    act(() => void choice.dispatchEvent(new Event('change')));
    await settle();
    expect(page.asked).toEqual([{ runId: 'run-2' }]);
    expect(page.text()).toContain('Training of iteration 2');
    expect(page.text()).toContain('Training finished after 31 of 50 epochs');
  });

  it('links to the running training while another is shown', async () => {
    const page = await openMetrics(stateOf('elsewhere'));
    expect(page.text()).toContain('Iteration 5 is training now.');
    await page.click('Show it');
    expect(page.asked).toEqual([{ runId: 'run-5' }]);
  });
});

describe('a chart', () => {
  it('can be switched to a table and back', async () => {
    const page = await openMetrics(stateOf('finished'));
    expect(card('Losses').querySelector('table')).toBeNull();
    expect(card('Losses').querySelector('[role=slider]')?.getAttribute('aria-valuetext')).toMatch(
      /^Epoch 50, Box loss 0\./,
    );
    await press(tableButton('Losses'));
    const table = card('Losses').querySelector('table');
    expect(table?.caption?.textContent).toBe('Losses');
    expect([...(table?.querySelectorAll('thead th') ?? [])].map((one) => one.textContent)).toEqual([
      'Epoch',
      'Box loss',
      'Class loss',
      'Box edge loss (DFL)',
    ]);
    expect(cells(card('Losses'))).toHaveLength(50);
    expect(tableButton('Losses').getAttribute('aria-pressed')).toBe('true');
    expect(page.host.saved).toMatchObject({ tables: ['losses'] });
    await press(tableButton('Losses'));
    expect(card('Losses').querySelector('table')).toBeNull();
  });

  it('remains a table, with its axis and lines, after a reload', async () => {
    const saved = { axis: 'boxes', tables: ['map'], hidden: ['losses/train/box_loss'] };
    await openMetrics(stateOf('finished'), { saved });
    expect(card('mAP50 and mAP50-95').querySelector('table')).not.toBeNull();
    expect(document.querySelector<HTMLInputElement>('input[value=boxes]')?.checked).toBe(true);
    const legend = [...card('Losses').querySelectorAll('.legend-item')];
    expect(legend.map((one) => one.getAttribute('aria-pressed'))).toEqual(['false', 'true', 'true']);
  });

  it('copies its table as CSV and announces it once', async () => {
    const written: string[] = [];
    vi.stubGlobal('navigator', {
      ...navigator,
      clipboard: { writeText: async (text: string) => void written.push(text) },
    });
    await openMetrics(stateOf('rough'));
    const copy = card('mAP50 and mAP50-95').querySelector<HTMLElement>('[aria-label="Copy as CSV"]');
    if (copy === null) throw new Error('There is no button.');
    await press(copy);
    const lines = (written[0] ?? '').split('\r\n');
    expect(lines[0]).toBe('Epoch,mAP50,mAP50-95');
    expect(lines.slice(1, -1).map((line) => line.split(',')[0])).toEqual(['10', '20', '30', '40', '50']);
    expect(document.querySelector('[role=status]')?.textContent).toBe('Copied as CSV');
  });

  it('hides and shows lines', async () => {
    const page = await openMetrics(stateOf('finished'));
    const line = (): HTMLElement => {
      const found = card('Precision and recall').querySelector<HTMLElement>('.legend-item');
      if (found === null) throw new Error('There is no line.');
      return found;
    };
    await press(line());
    expect(line().getAttribute('aria-pressed')).toBe('false');
    expect(card('Precision and recall').querySelector('[role=slider]')?.getAttribute('aria-valuetext')).not.toContain(
      'Precision',
    );
    expect(page.host.saved).toMatchObject({ hidden: ['precision-recall/trainer/precision'] });
    await press(line());
    expect(line().getAttribute('aria-pressed')).toBe('true');
  });
});

describe('the learning curve', () => {
  it('shows the validation images and classes of each point, and warns if there are few', async () => {
    const page = await openMetrics(stateOf('rough'));
    const text = card('Accuracy by iteration').querySelector('[role=slider]')?.getAttribute('aria-valuetext') ?? '';
    expect(text).toContain('Iteration 2 (best)');
    expect(text).toContain('12 validation images · 3 of 5 classes');
    expect(page.text()).toContain(
      'Measured on 12 validation images. With fewer than 30, the numbers are rough estimates.',
    );
  });

  it('has an axis of images, boxes or review minutes', async () => {
    const page = await openMetrics(stateOf('finished'));
    await page.click('Review minutes');
    expect(document.querySelector<HTMLInputElement>('input[value=minutes]')?.checked).toBe(true);
    expect(page.host.saved).toMatchObject({ axis: 'minutes' });
    expect(page.text()).not.toContain('rough');
  });
});

describe('a page without content', () => {
  it('reports that there is no iteration', async () => {
    const page = await openMetrics(stateOf('empty'));
    expect(page.text()).toContain('No iteration yet');
    expect(document.querySelector('.card')).toBeNull();
  });

  it('explains when the first numbers appear', async () => {
    const page = await openMetrics(stateOf('starting'));
    expect(page.text()).toContain('No numbers yet');
    expect(page.text()).toContain('The first point appears after an iteration is trained and evaluated.');
    // The cold start has no numbers, but is in the table.
    await press(tableButton('Accuracy by iteration'));
    expect(cells(card('Accuracy by iteration')).map((row) => row[1])).toEqual(['completed', 'training']);
  });

  it('reports that no validation has run yet, or that there was none', async () => {
    const page = await openMetrics(stateOf('first'));
    expect(card('mAP50 and mAP50-95').textContent).toContain('No validation has run yet.');
    const { run } = stateOf('first');
    if (run === null) throw new Error('No run.');
    await page.push({ ...stateOf('first'), run: { ...run, state: 'finished' } });
    expect(card('mAP50 and mAP50-95').textContent).toContain('This training did not run validation.');
  });
});

describe('a message of the host', () => {
  it('is shown immediately; only the end of a training is announced', async () => {
    const state = stateOf('running');
    const page = await openMetrics(state);
    const { run } = state;
    if (run === null) throw new Error('No run.');
    await page.push({ ...state, run: { ...run, epoch: 24 } });
    expect(page.text()).toContain('Training: 24 of 50 epochs complete');
    expect(said()).toBe('');
    await page.push({ ...state, run: { ...run, epoch: 50, state: 'finished' } });
    expect(said()).toBe('Iteration 5: Training finished, 50 epochs');
  });

  it('is translated', async () => {
    const page = await openMetrics(stateOf('finished'), {
      strings: { Losses: 'Verluste', 'Iteration {0}': 'Durchgang {0}' },
    });
    expect(page.text()).toContain('Verluste');
    expect(document.querySelector('vscode-option')?.textContent).toBe('Durchgang 4');
  });

  it('can be a failure, after which the user can try again', async () => {
    const failFirst = new RequestFailed({
      code: 'locked',
      message: 'The database is locked.',
      hint: 'Close the other window.',
    });
    const page = await openMetrics(stateOf('finished'), { failFirst });
    expect(page.text()).toContain('The database is locked.');
    expect(heading()).toBeUndefined();
    await page.click('Try again');
    expect(heading()).toBe('Machined parts, line 3');
    page.exportModel = () => {
      throw new RequestFailed({ code: 'disk', message: 'The disk is full.', hint: '' });
    };
    await page.click('Export best model');
    expect(page.text()).toContain('The disk is full.');
    await page.click('Close');
    expect(page.text()).not.toContain('The disk is full.');
    expect(heading()).toBe('Machined parts, line 3');
  });
});
