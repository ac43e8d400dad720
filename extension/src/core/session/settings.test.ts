import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SettingsError } from './errors.ts';
import { sessionSettings } from './sessionSettings.ts';
import { defaultSettings, isSettingName, parseValue, readValue, settingNames, validateSettings } from './settings.ts';
import type { SettingName } from './types.ts';

function problemsOf(input: Record<string, unknown>): Record<string, string> {
  try {
    validateSettings(input);
  } catch (error) {
    if (error instanceof SettingsError)
      return Object.fromEntries(error.problems.map(({ field, message }) => [field, message]));
    throw error;
  }
  return {};
}

describe('validateSettings', () => {
  it('fills in every default, and records only the name as typed', () => {
    const settings = validateSettings({ name: 'parts' });
    expect(settings).toEqual({ ...defaultSettings, name: 'parts', typed: ['name'] });
    expect(Object.keys(settings).toSorted()).toEqual([...settingNames, 'typed'].toSorted());
  });

  it('records a typed value even if it equals the default', () => {
    expect(validateSettings({ name: 'a', epochs: 50 }).typed).toEqual(['name', 'epochs']);
  });

  it('ignores undefined fields', () => {
    expect(validateSettings({ name: 'a', epochs: undefined })).toEqual({
      ...defaultSettings,
      name: 'a',
      typed: ['name'],
    });
  });

  it('keeps the typed list of stored settings', () => {
    const stored = validateSettings({ name: 'a', seed: 3 });
    expect(validateSettings(stored)).toEqual(stored);
    expect(validateSettings(JSON.parse(JSON.stringify(stored))).typed).toEqual(['name', 'seed']);
  });

  it('starts warm from a bare yaml by default', () => {
    expect(validateSettings({ name: 'a', baseModel: 'yolov8n.YAML' }).warmStart).toBe(true);
    expect(validateSettings({ name: 'a', baseModel: 'yolov8n.yaml', warmStart: false }).warmStart).toBe(false);
    expect(validateSettings({ name: 'a', baseModel: '/m/best.pt' }).warmStart).toBe(false);
  });

  it('reports every invalid field at once', () => {
    const problems = problemsOf({
      name: '  ',
      epochs: 0,
      batchSize: 2.5,
      learningRate: '0.001',
      imageSize: 650,
      minUncertainty: Number.NaN,
      uncertaintyWeights: { confidence: 0, entropy: 0, variance: 0 },
      aggregation: 'median',
      device: 'gpu',
      seed: -1,
      colour: 'red',
    });
    expect(Object.keys(problems).toSorted()).toEqual(
      [
        'aggregation',
        'batchSize',
        'colour',
        'device',
        'epochs',
        'imageSize',
        'learningRate',
        'minUncertainty',
        'name',
        'seed',
        'uncertaintyWeights',
      ].toSorted(),
    );
    expect(problems['imageSize']).toBe('the image size must be a multiple of 32, such as 640 or 672.');
    expect(problems['epochs']).toBe('the number of epochs must be a whole number from 1 to 10000.');
    expect(problems['uncertaintyWeights']).toBe('at least one of the weights must be above 0.');
    expect(problems['colour']).toContain('is not a setting');
  });

  it('asks for a name only once', () => {
    expect(problemsOf({})).toEqual({ name: 'give the session a name.' });
    expect(problemsOf({ name: 5 })).toEqual({ name: 'the name must be text.' });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('rejects %s as a setting', (field) => {
    expect(isSettingName(field)).toBe(false);
    expect(problemsOf(JSON.parse(`{"name": "a", "${field}": 1}`))).toHaveProperty([field]);
  });

  it('throws only SettingsError, for any input', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.constantFrom(...settingNames, 'typed'), fc.string()), fc.anything()),
        (input) => {
          let imageSize = 0;
          let problems = 0;
          try {
            imageSize = validateSettings(input).imageSize;
          } catch (error) {
            if (!(error instanceof SettingsError)) throw error;
            problems = error.problems.length;
          }
          expect(imageSize >= 64 && imageSize % 32 === 0).toBe(problems === 0);
        },
      ),
    );
  });
});

function problemOf(name: SettingName, value: unknown): string | null {
  const read = readValue(sessionSettings[name], value);
  return read.ok ? null : read.message;
}

describe('readValue', () => {
  it('reports why a value is invalid', () => {
    expect(problemOf('learningRate', 0)).toBe('the learning rate must be a number above 0 and at most 1.');
    expect(problemOf('learningRate', 1e-5)).toBeNull();
    expect(problemOf('baseModel', 'yolov8n')).toContain('.pt');
    expect(problemOf('baseModel', '/models/ü "best" #1.pt')).toBeNull();
    expect(problemOf('device', '1')).toBeNull();
    expect(problemOf('strategy', '../x')).not.toBeNull();
    expect(problemOf('uncertaintyWeights', { confidence: 1, entropy: 0 })).toContain('variance');
  });
});

describe('parseValue', () => {
  it.each([
    ['epochs', ' 20 ', 20],
    ['learningRate', '1e-3', 0.001],
    ['batchSize', 'auto', 'auto'],
    ['batchSize', '8', 8],
    ['warmStart', 'True', true],
    ['flip', 'true', true],
    ['localisation', ' false', false],
    ['fastScoring', 'TRUE', true],
    ['rankingMetric', 'my-metric2', 'my-metric2'],
    ['zeroDetections', 'first', 'first'],
    ['uncertaintyWeights', '0.5, 0.25,0.25', { confidence: 0.5, entropy: 0.25, variance: 0.25 }],
    ['name', ' parts ', 'parts'],
    ['device', '0', '0'],
  ] as const)('reads %s %j', (field, typed, value) => {
    expect(parseValue(sessionSettings[field], typed)).toEqual({ ok: true, value });
  });

  it.each([
    ['epochs', ''],
    ['epochs', '0x10'],
    ['epochs', '20 epochs'],
    ['learningRate', 'Infinity'],
    ['learningRate', '0,001'],
    ['warmStart', 'yes'],
    ['uncertaintyWeights', '1,1'],
    ['uncertaintyWeights', '1,1,1,1'],
    ['warmStart', 'constructor'],
    ['flip', '1'],
    ['rankingMetric', 'My metric'],
    ['rankingMetric', '__proto__'],
    ['zeroDetections', 'last'],
  ] as const)('refuses %s %j', (field, typed) => {
    expect(parseValue(sessionSettings[field], typed).ok).toBe(false);
  });
});
