import { describe, expect, it } from 'vitest';
import type { RunView } from '../../../../extension/src/protocol/metrics.ts';
import { formatLoss, formatMinutes, formatRate, formatTick } from './format.ts';
import { checkFromHost } from './messages.ts';
import { runOptions, runText, statusText } from './statusText.ts';
import { toCsv } from './table.ts';
import { initialView, readView, toggled } from './view.ts';

describe('toCsv', () => {
  it('writes full precision with decimal points, quotes fields if necessary, and ends lines with CR LF', () => {
    const csv = toCsv({
      caption: 'x',
      columns: [
        { title: 'Epoch', numeric: true },
        { title: 'Loss, "box"', numeric: true },
      ],
      rows: [
        [
          { text: '1', raw: 1 },
          { text: '0.123', raw: 0.12345678 },
        ],
        [
          { text: '–', raw: null },
          { text: 'a', raw: 'two\nlines' },
        ],
      ],
    });
    expect(csv).toBe('Epoch,"Loss, ""box"""\r\n1,0.12345678\r\n,"two\nlines"\r\n');
  });
});

function run(state: RunView['state'], epoch: number, epochs = 50): string {
  return runText({ runId: 'a', iterationNumber: 2, state, epoch, epochs, series: [] });
}

describe('run texts', () => {
  it('describe the state of a training', () => {
    expect(run('prepared', 0)).toBe('The training has not started yet');
    expect(run('running', 0)).toBe('Training: epoch 1 of 50');
    expect(run('running', 7)).toBe('Training: 7 of 50 epochs complete');
    expect(run('finished', 50)).toBe('Training finished, 50 epochs');
    expect(run('finished', 1, 1)).toBe('Training finished, 1 epoch');
    expect(run('finished', 31)).toBe('Training finished after 31 of 50 epochs');
    expect(run('failed', 3)).toBe('Training failed after 3 of 50 epochs');
    expect(run('cancelled', 3)).toBe('Training cancelled after 3 of 50 epochs');
  });

  it('list trainings newest first, and number the attempts of one iteration', () => {
    const runs = [
      { runId: 'a', iterationNumber: 1 },
      { runId: 'b', iterationNumber: 2 },
      { runId: 'c', iterationNumber: 2 },
    ];
    expect(runOptions(runs)).toEqual([
      { value: 'c', label: 'Iteration 2, attempt 2' },
      { value: 'b', label: 'Iteration 2, attempt 1' },
      { value: 'a', label: 'Iteration 1' },
    ]);
  });

  it('keep an unknown state', () => {
    expect(statusText('reviewing')).toBe('in review');
    expect(statusText('toString')).toBe('toString');
  });
});

describe('numbers', () => {
  it('have enough decimals to distinguish them', () => {
    expect([formatRate(0.5), formatLoss(1.2345), formatLoss(321.98), formatLoss(0.000123456)]).toEqual([
      '0.500',
      '1.235',
      '322.0',
      '0.000123',
    ]);
    expect([formatMinutes(9), formatMinutes(18.66), formatMinutes(234.4)]).toEqual(['9', '18.7', '234']);
    expect([formatTick(0.5, 0.25), formatTick(0.2, 0.1), formatTick(1200, 100)]).toEqual(['0.50', '0.2', '1,200']);
  });
});

describe('the saved choices', () => {
  it('are restored, and invalid parts get their defaults', () => {
    const view = { axis: 'boxes', tables: ['map'], hidden: ['losses/train/box_loss'] };
    expect(readView(JSON.parse(JSON.stringify(view)))).toEqual(view);
    expect(readView(undefined)).toEqual(initialView);
    expect(readView({ axis: 'steps', tables: 'all', hidden: [1, 'a'] })).toEqual({
      axis: 'images',
      tables: [],
      hidden: ['a'],
    });
  });

  it('add and remove a name', () => {
    expect(toggled(['a'], 'b')).toEqual(['a', 'b']);
    expect(toggled(['a', 'b'], 'a')).toEqual(['b']);
  });
});

describe('checkFromHost', () => {
  const state = { sessionId: 1, sessionName: 's', iterations: [], runs: [], run: null };

  it('accepts a state and rejects anything else', () => {
    expect(checkFromHost('metrics/state', state)).toBe(state);
    expect(() => checkFromHost('metrics/state', { ...state, run: { runId: 1 } })).toThrow('metrics/state');
    expect(() => checkFromHost('metrics/state', null)).toThrow('metrics/state');
    expect(() => checkFromHost('review/state', state)).toThrow('review/state');
  });
});
