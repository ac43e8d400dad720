import { describe, expect, it } from 'vitest';
import { addBox, type BoxSet, changeBox, removeBox } from './boxes.ts';
import { readHistory, writeHistory } from './draftText.ts';
import { type History, pushBoxSet, redoEdit, startHistory, undoEdit } from './history.ts';

const rect = { x1: 1.25, y1: 2, x2: 30, y2: 40.5 };

function drawn(count: number): History {
  let history = startHistory({ boxes: [], removed: [], nextKey: 1 });
  for (let i = 0; i < count; i++) history = pushBoxSet(history, addBox(history.present, rect, i % 3).boxSet);
  return history;
}

function changed(history: History, change: (boxSet: BoxSet) => BoxSet): History {
  return pushBoxSet(history, change(history.present));
}

/** Equal boxes that are none of the previous ones. */
function copied(set: BoxSet): BoxSet {
  return { ...set, boxes: set.boxes.map((box) => ({ ...box })) };
}

describe('a history as text', () => {
  it('keeps every step, done or undone', () => {
    let history = drawn(4);
    history = changed(history, (set) => removeBox(set, { ...rect, ...set.boxes[1], prediction: 7 } as never));
    history = changed(history, (set) => changeBox(set, set.boxes[2] as never, { x1: 5, classId: 9 }));
    history = changed(history, (set) => ({ ...set, boxes: set.boxes.toReversed() }));
    history = redoEdit(undoEdit(undoEdit(undoEdit(history))));
    expect(history.past).toHaveLength(5);
    expect(history.future).toHaveLength(2);
    const text = writeHistory(history);
    expect(readHistory(text)).toEqual({ ...history, tag: null });
    expect(writeHistory(readHistory(text) ?? history)).toBe(text);
  });

  it('grows by what an edit changed, not by the number of boxes', () => {
    const many = drawn(500);
    const one = changed(many, (set) => changeBox(set, set.boxes[250] as never, { x1: 3 }));
    expect(writeHistory(one).length - writeHistory(many).length).toBeLessThan(500);
    expect(writeHistory(one).length).toBeLessThan(200_000);
  });

  it('leaves out the oldest steps of a text that is too long', () => {
    let history = startHistory(drawn(3000).present);
    for (let i = 0; i < 60; i++) history = changed(history, copied);
    const text = writeHistory(history);
    expect(text.length).toBeLessThanOrEqual(8_000_000);
    const read = readHistory(text);
    expect(read?.present).toEqual(history.present);
    expect(read?.past.length).toBeGreaterThan(5);
  });

  it.each([
    '',
    'null',
    '[]',
    '{"version":2}',
    '{"version":1,"first":{"boxes":[],"removed":[],"nextKey":1},"steps":[],"at":1}',
  ])('is nothing if it cannot be read: %s', (text) => {
    expect(readHistory(text)).toBeNull();
  });
});
