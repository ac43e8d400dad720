import { describe, expect, it } from 'vitest';
import { strategies } from '../../core/selection/registry.ts';
import { sessionSettings } from '../../core/session/sessionSettings.ts';
import type { Setting } from '../../core/session/setting.ts';
import { defaultSettings, parseValue, readValue, settingNames } from '../../core/session/settings.ts';
import { builtInScores } from '../../core/uncertainty/registry.ts';
import { english } from '../text/localiser.ts';
import { datasetCandidates, describesDataset } from './datasetCandidates.ts';
import { settingRows, settingsSummary } from './fields.ts';
import { knownModels, localFile } from './knownModels.ts';
import { freeName, nameFromPath } from './names.ts';

const settings = { ...defaultSettings, name: 'Parts' };

describe('the list of settings', () => {
  const rows = settingRows(english, settings);

  it('has every setting once, with texts', () => {
    expect(rows.map(({ field }) => field).toSorted()).toEqual([...settingNames].toSorted());
    expect(rows.every(({ title, help, value }) => title !== '' && help !== '' && value !== '')).toBe(true);
    expect(new Set(rows.map(({ title }) => title)).size).toBe(rows.length);
  });

  it('keeps groups together under one heading each', () => {
    const groups = rows.map(({ setting }) => setting.group);
    const changes = groups.filter((group, index) => group !== groups[index - 1]);
    expect(new Set(changes).size).toBe(changes.length);
  });

  it.each(settingNames)('shows %s in the input box as a value that can be typed', (field) => {
    const setting: Setting = sessionSettings[field];
    const read = parseValue(setting, setting.format(settings[field]));
    expect(read).toEqual({ ok: true, value: settings[field] });
  });

  it('summarises the most important settings', () => {
    expect(settingsSummary(english, { ...settings, baseModel: '/w/yolov8n.pt' })).toBe(
      'yolov8n.pt · 50 epochs · 640 pixels · 10 iterations of 20 samples',
    );
  });
});

it('explains choices in lines that fit into a quick pick', () => {
  const lines = [
    ...strategies.map(({ description }) => description),
    ...builtInScores.map(({ description }) => description),
    ...knownModels(english).map(({ detail }) => detail),
    settingsSummary(english, { ...settings, epochs: 1000, imageSize: 1280, maxIterations: 100 }),
  ];
  expect(lines.filter(({ length }) => length > 80)).toEqual([]);
});

describe('base models', () => {
  it('are valid settings', () => {
    const published = knownModels(english).filter(({ group }) => group === 'published');
    // Otherwise nothing says which of two small models to take.
    expect(new Set(published.map(({ detail }) => detail)).size).toBe(published.length);
    for (const { name } of knownModels(english))
      expect(readValue(sessionSettings.baseModel, name), name).toMatchObject({ ok: true });
    expect(knownModels(english).some(({ name }) => name === defaultSettings.baseModel)).toBe(true);
  });

  it('match workspace files by name', () => {
    const weights = ['/w/a.pt', 'C:\\w\\YOLOv8n.pt'];
    expect(localFile('yolov8n.pt', weights)).toBe('C:\\w\\YOLOv8n.pt');
    expect(localFile('yolov8s.pt', weights)).toBeUndefined();
  });
});

describe('names', () => {
  it('follow the folder of the dataset', () => {
    expect(nameFromPath('/data/machined_parts/data.yaml')).toBe('Machined parts');
    expect(nameFromPath('C:\\data\\images\\')).toBe('Images');
    expect(nameFromPath('/')).toBe('Session');
  });

  it('are unique', () => {
    expect(freeName('Parts', [])).toBe('Parts');
    expect(freeName('Parts', ['Parts', 'Parts 2'])).toBe('Parts 3');
    expect(freeName('Parts 2', ['Parts 2'])).toBe('Parts 3');
    expect(freeName('Parts 2', ['Parts', 'Parts 2', 'Parts 3'])).toBe('Parts 4');
  });
});

describe('datasets in a workspace', () => {
  const yaml = 'path: .\ntrain: images/train\nnames: [a]\n';

  it('are distinguished from other YAML files by their keys', () => {
    expect(describesDataset(yaml)).toBe(true);
    expect(describesDataset('nc: 1\nval: x\n')).toBe(true);
    expect(describesDataset('name: ci\non: push\ntrain: x\n')).toBe(false);
    expect(describesDataset('names: [a]\n')).toBe(false);
  });

  it('start with the shallowest description, data.yaml before others', () => {
    const files = ['/w/deep/er/data.yaml', '/w/coco.yaml', '/w/data.yaml'].map((path) => ({ path, text: yaml }));
    expect(datasetCandidates([...files, { path: '/w/ci.yml', text: 'on: push' }], []).map(({ path }) => path)).toEqual([
      '/w/data.yaml',
      '/w/coco.yaml',
      '/w/deep/er/data.yaml',
    ]);
  });

  it('include folders of images without a description, largest first', () => {
    const images = ['/w/set/images/1.png', '/w/raw/1.jpg', '/w/raw/2.jpg', '/w/more/1.jpg'];
    expect(datasetCandidates([{ path: '/w/set/data.yaml', text: yaml }], images)).toEqual([
      { kind: 'yaml', path: '/w/set/data.yaml' },
      { kind: 'folder', path: '/w/raw', images: 2 },
      { kind: 'folder', path: '/w/more', images: 1 },
    ]);
  });
});
