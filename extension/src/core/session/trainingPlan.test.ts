import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateSettings } from './settings.ts';
import { makeTrainingPlan, type TrainingFacts } from './trainingPlan.ts';

const cpu: TrainingFacts = { labelledImages: 40, validationImages: 60, cpu: true, threads: 2 };

describe('makeTrainingPlan', () => {
  it('gives the small-data recipe for 40 images on a CPU', () => {
    expect(makeTrainingPlan(validateSettings({ name: 'a', imageSize: 320 }), cpu)).toEqual({
      epochs: 50,
      batch: 4,
      imageSize: 320,
      learningRate: 0.001,
      optimizer: 'AdamW',
      cosine: true,
      warmupEpochs: 5,
      warmupBiasLearningRate: 0,
      nominalBatch: 4,
      closeMosaic: 10,
      validateEvery: 10,
      bestBy: 'last',
      threads: 2,
    });
  });

  it.each([
    [1, 4],
    [63, 4],
    [64, 8],
    [199, 8],
    [200, 16],
    [5000, 16],
  ])('takes %i labelled images in batches of %i', (labelledImages, batch) => {
    const plan = makeTrainingPlan(validateSettings({ name: 'a' }), { ...cpu, labelledImages });
    expect(plan.batch).toBe(batch);
    expect(plan.nominalBatch).toBe(batch);
  });

  it('raises default epochs to 500 steps', () => {
    const facts = { ...cpu, labelledImages: 20 };
    expect(makeTrainingPlan(validateSettings({ name: 'a' }), facts).epochs).toBe(100);
    expect(makeTrainingPlan(validateSettings({ name: 'a', batchSize: 16 }), facts).epochs).toBe(250);
  });

  it('prefers numbers that the user entered', () => {
    const plan = makeTrainingPlan(
      validateSettings({ name: 'a', epochs: 3, batchSize: 32, learningRate: 0.01, imageSize: 64 }),
      cpu,
    );
    expect(plan).toMatchObject({ epochs: 3, batch: 32, nominalBatch: 32, learningRate: 0.01, imageSize: 64 });
    expect(plan.warmupEpochs).toBeCloseTo(0.3, 3);
    expect(plan.closeMosaic).toBe(1);
  });

  it('validates each epoch on a GPU, five times on a CPU, never without validation images', () => {
    const settings = validateSettings({ name: 'a' });
    expect(makeTrainingPlan(settings, { ...cpu, cpu: false }).validateEvery).toBe(1);
    expect(makeTrainingPlan(settings, { ...cpu, validationImages: 0 }).validateEvery).toBe(0);
    expect(makeTrainingPlan(settings, cpu).validateEvery).toBe(10);
  });

  it('keeps the best epoch only with 100 validation images', () => {
    const settings = validateSettings({ name: 'a' });
    expect(makeTrainingPlan(settings, { ...cpu, validationImages: 99 }).bestBy).toBe('last');
    expect(makeTrainingPlan(settings, { ...cpu, validationImages: 100 }).bestBy).toBe('map50_95');
  });

  it('always warms up over at most 50 steps and a tenth, and takes 500 steps unless epochs are typed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 400 }),
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 64 }), { nil: undefined }),
        (labelledImages, epochs, typed, batchSize) => {
          const settings = validateSettings({ name: 'a', epochs, batchSize });
          const plan = makeTrainingPlan(typed ? settings : { ...settings, typed: [] }, { ...cpu, labelledImages });
          const perEpoch = Math.ceil(labelledImages / plan.batch);
          expect(typed ? plan.epochs === epochs : plan.epochs * perEpoch >= 500).toBe(true);
          // The fraction of an epoch is rounded to a thousandth.
          const rounding = perEpoch * 0.0005 + 1e-9;
          expect(plan.warmupEpochs * perEpoch).toBeLessThanOrEqual(50 + rounding);
          expect(plan.warmupEpochs).toBeLessThanOrEqual(plan.epochs / 10 + 0.0005 + 1e-9);
          expect(plan.closeMosaic).toBeLessThan(plan.epochs);
          expect(plan.validateEvery).toBeLessThanOrEqual(plan.epochs);
        },
      ),
    );
  });
});
