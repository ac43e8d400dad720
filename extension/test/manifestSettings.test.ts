import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sessionSettings } from '../src/core/session/sessionSettings.ts';
import { defaultSettings } from '../src/core/session/settings.ts';
import { sessionDefaultKeys, settingKeys } from '../src/host/ids.ts';
import { contributes, manifest, root, words } from './support/manifest.ts';

function usual(key: string): unknown {
  return contributes.configuration.properties[`activeLearning.${key}`]?.default;
}

describe('settings', () => {
  const properties = Object.entries(contributes.configuration.properties);

  test('the settings of the manifest equal those of the code, and each one is read', () => {
    const keys = Object.values(settingKeys).map((key) => `activeLearning.${key}`);
    expect(properties.map(([key]) => key).toSorted()).toEqual(keys.toSorted());
    const reading = readFileSync(join(root, 'extension/src/host/settings.ts'), 'utf8');
    const unread = Object.keys(settingKeys).filter(
      // One loop reads all defaults of sessions.
      (name) => !(name in sessionDefaultKeys) && !reading.includes(`settingKeys.${name}`),
    );
    expect(unread).toEqual([]);
  });

  test.each(properties)('%s has a default, a scope and a description', (_, property) => {
    expect(property).toHaveProperty('default');
    expect(['machine-overridable', 'resource', 'window']).toContain(property.scope);
    expect(words(property.markdownDescription)).toMatch(/\.$/);
  });

  test("the defaults for sessions equal the product's defaults", () => {
    expect({
      baseModel: usual(settingKeys.baseModel),
      epochs: usual(settingKeys.epochs),
      imageSize: usual(settingKeys.imageSize),
      maxSamplesPerIteration: usual(settingKeys.maxSamplesPerIteration),
      maxIterations: usual(settingKeys.maxIterations),
    }).toEqual({
      baseModel: defaultSettings.baseModel,
      epochs: defaultSettings.epochs,
      imageSize: defaultSettings.imageSize,
      maxSamplesPerIteration: defaultSettings.maxSamplesPerIteration,
      maxIterations: defaultSettings.maxIterations,
    });
  });

  test('a default for sessions has the limits of the setting', () => {
    const property = contributes.configuration.properties[`activeLearning.${settingKeys.imageSize}`];
    expect(property).toMatchObject({ type: 'integer', minimum: 64, maximum: 4096, multipleOf: 32 });
    for (const [minimum, valid] of [
      [64, true],
      [32, false],
    ] as const) {
      expect(sessionSettings.imageSize.schema.safeParse(minimum).success).toBe(valid);
    }
  });

  test('settings that name a program, model or folder are restricted in an untrusted workspace', () => {
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    expect(supported).toBe('limited');
    expect(restrictedConfigurations.toSorted()).toEqual(
      [settingKeys.pythonPath, settingKeys.storageFolder, settingKeys.allowDownload, settingKeys.baseModel]
        .map((key) => `activeLearning.${key}`)
        .toSorted(),
    );
    expect(manifest.capabilities.virtualWorkspaces.supported).toBe(false);
  });
});
