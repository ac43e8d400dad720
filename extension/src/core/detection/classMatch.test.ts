import { describe, expect, it } from 'vitest';
import { matchClasses, withMatchedClasses } from './classMatch.ts';

describe('matchClasses', () => {
  it('finds classes by their names, whatever their case and separators are', () => {
    const match = matchClasses(['person', 'traffic light', 'bus'], ['Traffic_Light', 'tram', ' PERSON']);
    expect(match).toEqual({
      classIds: new Map([
        [0, 2],
        [1, 0],
      ]),
      byName: true,
    });
  });

  it('takes the first of two classes with the same plain name', () => {
    expect(matchClasses(['bus'], ['Bus', 'bus'])?.classIds).toEqual(new Map([[0, 0]]));
  });

  it('takes every object as the only class if no name fits', () => {
    const match = matchClasses(['person', 'bus'], ['raccoon']);
    expect(match).toEqual({
      classIds: new Map([
        [0, 0],
        [1, 0],
      ]),
      byName: false,
    });
  });

  it('finds nothing if no name of several classes fits, since the boxes would have a wrong class', () => {
    expect(matchClasses(['person', 'bus'], ['crack', 'scratch'])).toBeNull();
    expect(matchClasses(['person'], [])).toBeNull();
  });
});

describe('withMatchedClasses', () => {
  it('gives detections the ids of the dataset, and leaves out classes that it does not have', () => {
    const box = { x1: 0, y1: 0, x2: 4, y2: 4 };
    const scores = { classIds: [1], scores: [0.9] };
    const detections = [
      { classId: 1, confidence: 0.9, box, classScores: scores },
      { classId: 0, confidence: 0.8, box },
    ];
    const match = { classIds: new Map([[1, 3]]), byName: true };
    expect(withMatchedClasses(detections, match)).toEqual([{ classId: 3, confidence: 0.9, box }]);
  });
});
