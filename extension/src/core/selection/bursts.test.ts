import { describe, expect, test } from 'vitest';
import { candidateTable, type Candidate } from './candidates.ts';
import { BatchBuilder } from './batchBuilder.ts';
import { ppalStrategy } from './ppal.ts';
import { hybridStrategy, shortlistSize } from './hybrid.ts';
import { stratifiedStrategy } from './stratified.ts';
import { context, found, ids, matrix } from './testing.ts';

/* Pools of video: bursts of five frames that look alike, all about as uncertain as each other. */

const FRAMES = 5;
const sceneOf = (imageId: number): number => Math.floor(imageId / FRAMES);

/** Scene 0 is the most uncertain one; within a scene the frames fall a little. */
function video(scenes: number, more: (scene: number) => Partial<Candidate> = () => ({})): Candidate[] {
  return Array.from({ length: scenes * FRAMES }, (_, id) =>
    found(id, 0.9 - 0.5 * (sceneOf(id) / scenes) - (id % FRAMES) / 10_000, more(sceneOf(id))),
  );
}

function bursts(scenes: number): number[][] {
  return Array.from({ length: scenes }, (_, scene) => Array.from({ length: FRAMES }, (__, i) => scene * FRAMES + i));
}

const near = (scene: number): number[] => [1, 0.001 * scene, 0, 0.2];

/** Each scene points its own way; those from `begin` on all far from those before. */
function vectors(scenes: number, begin: number) {
  const far = (scene: number): number[] => {
    const angle = (2 * Math.PI * (scene - begin)) / (scenes - begin);
    return [-0.5, Math.cos(angle), Math.sin(angle), 0.2];
  };
  return matrix(
    Object.fromEntries(
      Array.from({ length: scenes * FRAMES }, (_, id) => {
        const scene = sceneOf(id);
        return [id, scene < begin ? near(scene) : far(scene)] as const;
      }),
    ),
  );
}

const bare = { randomShare: 0, zeroDetectionShare: 0 };

test('a list of the most uncertain images holds a scene once, by its most uncertain free frame', () => {
  const table = candidateTable(video(40));
  const builder = new BatchBuilder(table, context(10, { nearDuplicates: bursts(40) }));
  const scores = table.scores['combined'] ?? new Float64Array();
  expect(builder.topScenes(scores, 20)).toEqual(Array.from({ length: 20 }, (_, scene) => scene * FRAMES));
  expect(builder.topScenes(scores, 3, (index) => index % FRAMES > 2)).toEqual([3, 8, 13]);
  builder.take(2, 'ranked', []);
  expect(builder.topScenes(scores, 2)).toEqual([5, 10]);
  // An image in no group stands for itself.
  const some = new BatchBuilder(table, context(10, { nearDuplicates: bursts(40).slice(1) }));
  expect(some.topScenes(scores, 4)).toEqual([0, 1, 2, 3]);
});

describe('with bursts of five frames', () => {
  // Cut by frames, a list would end after eight or twelve scenes, all of the near ones.
  test.each([
    { strategy: hybridStrategy, scenes: 120, compared: shortlistSize(10, 120 * FRAMES) },
    { strategy: ppalStrategy, scenes: 60, compared: 40 },
  ])('$strategy.id compares $compared scenes for ten places', ({ strategy, scenes: all, compared }) => {
    // Those beyond are far ones, too: nothing but the length of the list keeps them out.
    expect(all).toBeGreaterThan(compared);
    const table = candidateTable(video(all));
    const given = context(10, { ...bare, embeddings: vectors(all, 20), nearDuplicates: bursts(all) });
    const scenes = ids(strategy.select(table, given)).map(sceneOf);
    expect(new Set(scenes).size).toBe(10);
    expect(Math.max(...scenes)).toBeLessThan(compared);
    expect(scenes.filter((scene) => scene >= 20).length).toBeGreaterThanOrEqual(4);
  });

  test('stratified finds the scenes of a class behind one long burst', () => {
    // One scene of 200 frames leads its class; eleven single images follow.
    const pool = [
      ...Array.from({ length: 200 }, (_, id) => found(id, 0.9, { expectedByClass: [1, 0] })),
      ...Array.from({ length: 11 }, (_, i) => found(200 + i, 0.5, { expectedByClass: [1, 0] })),
    ];
    const nearDuplicates = [Array.from({ length: 200 }, (_, id) => id)];
    const { chosen, notes } = stratifiedStrategy.select(candidateTable(pool), context(12, { nearDuplicates }));
    expect(chosen.map(({ part }) => part)).toEqual(chosen.map(() => 'ranked'));
    expect(notes).toEqual([]);
  });
});
