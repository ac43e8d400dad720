import {
  changeClassCommandIds,
  commandIds,
  contextKeys,
  reviewCommandIds,
  settingsSection,
  viewIds,
  walkthroughId,
} from '../ids.ts';
import { trainProblemMatcher, trainTaskType } from '../tasks/trainDefinition.ts';
import { commandContributions } from './commands.ts';
import { reviewContributions, reviewKeysWhen } from './reviewKeys.ts';
import { settingContributions } from './settings.ts';
import { walkthroughSteps, walkthroughTexts, welcomeContributions } from './views.ts';

/** The generated parts of the manifest. */
export interface GeneratedManifest {
  /** `contributes` of package.json. */
  readonly contributes: Readonly<Record<string, unknown>>;
  /** package.nls.json: the English texts by key. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Builds `contributes` and its texts from the tables of commands, keys, settings and views. */
export function generateManifest(): GeneratedManifest {
  const texts: Record<string, string> = {
    displayName: 'Active Learning for YOLO',
    'displayName.short': 'Active Learning',
    description:
      'Train YOLO, score the unlabelled images, review the most valuable ones, and train again: the complete active-learning loop, fully local.',
    category: 'Active Learning',
    'capability.untrusted':
      'In Restricted Mode you can view the sessions of a workspace. Training, scoring, reviewing and writing files require a trusted workspace.',
    'capability.virtual': 'Training and scoring require images on a local file system.',
  };
  /** Stores a text and returns the reference to it. */
  const text = (key: string, english: string): string => {
    texts[key] = english;
    return `%${key}%`;
  };
  const category = '%category%';
  const container = text('view.container', 'Active Learning');
  const commandText = (id: string, title: string): string =>
    text(`command.${id.slice(`${settingsSection}.`.length)}`, title);

  const commands = [
    ...entries(commandContributions).map(([name, { title, icon }]) => ({
      command: commandIds[name],
      title: commandText(commandIds[name], title),
      category,
      enablement: 'true',
      ...(icon === undefined ? {} : { icon }),
    })),
    ...entries(reviewContributions).map(([action, { title }]) => ({
      command: reviewCommandIds[action],
      title: commandText(reviewCommandIds[action], title),
      category,
      enablement: contextKeys.reviewActive,
    })),
    ...changeClassCommandIds.map((command, index) => ({
      command,
      title: commandText(command, `Change Class to ${index + 1}`),
      category,
      enablement: contextKeys.reviewActive,
    })),
  ];
  const contributes = {
    commands,
    viewsContainers: {
      activitybar: [{ id: viewIds.container, title: container, icon: 'media/activity.svg' }],
    },
    views: {
      [viewIds.container]: [
        {
          id: viewIds.sessions,
          name: text('view.sessions', 'Sessions'),
          contextualTitle: container,
          icon: 'media/activity.svg',
        },
      ],
    },
    viewsWelcome: entries(welcomeContributions).map(([name, { contents, when }]) => ({
      view: viewIds.sessions,
      contents: text(`welcome.${name}`, contents),
      when,
    })),
    menus: menus(),
    keybindings: keybindings(),
    configuration: {
      title: '%displayName.short%',
      properties: Object.fromEntries(
        entries(settingContributions).map(([key, { description, ...schema }]) => [
          `${settingsSection}.${key}`,
          { ...schema, markdownDescription: text(`setting.${key}`, description) },
        ]),
      ),
    },
    configurationDefaults: {
      'files.watcherExclude': { '**/.active-learning/**': true },
      'search.exclude': { '**/.active-learning': true },
    },
    taskDefinitions: [
      {
        type: trainTaskType,
        required: ['run'],
        properties: { run: { type: 'string', description: text('task.run', 'The id of the training run.') } },
      },
    ],
    problemPatterns: [
      {
        name: trainProblemMatcher.slice(1),
        regexp: String.raw`^ERROR (.+):(\d+): (.*)$`,
        file: 1,
        line: 2,
        message: 3,
      },
    ],
    problemMatchers: [
      {
        name: trainProblemMatcher.slice(1),
        label: text('task.matcher', 'Active Learning trainer'),
        owner: trainProblemMatcher.slice(1),
        source: 'Active Learning',
        severity: 'error',
        fileLocation: ['autoDetect', '${workspaceFolder}'],
        pattern: trainProblemMatcher,
        background: {
          activeOnStart: true,
          beginsPattern: '^al-trainer: training started',
          endsPattern: '^al-trainer: training (finished|failed)',
        },
      },
    ],
    walkthroughs: [
      {
        id: walkthroughId,
        title: text('walkthrough.title', walkthroughTexts.title),
        description: text('walkthrough.description', walkthroughTexts.description),
        icon: 'media/icon.png',
        steps: entries(walkthroughSteps).map(([id, step]) => ({
          id,
          title: text(`walkthrough.${id}.title`, step.title),
          description: text(`walkthrough.${id}.description`, step.description),
          media: {
            svg: `media/walkthrough/${id}.svg`,
            altText: text(`walkthrough.${id}.alt`, step.altText),
          },
          completionEvents: [`onContext:${step.contextKey}`],
        })),
      },
    ],
  };
  return { contributes, texts };
}

function menus(): Record<string, readonly Readonly<Record<string, string>>[]> {
  const byMenu: Record<string, Readonly<Record<string, string>>[]> = {};
  for (const [name, { menus: places = [] }] of entries(commandContributions)) {
    for (const { menu, group, when } of places) (byMenu[menu] ??= []).push({ command: commandIds[name], when, group });
  }
  byMenu['commandPalette'] = [
    ...Object.values(reviewCommandIds).map((command) => ({ command, when: contextKeys.reviewActive })),
    // The palette offers "Change Class" instead.
    ...changeClassCommandIds.map((command) => ({ command, when: 'false' })),
  ];
  return byMenu;
}

function keybindings(): readonly unknown[] {
  const when = reviewKeysWhen;
  const digits = ['', 'numpad'].flatMap((pad) =>
    changeClassCommandIds.map((command, index) => ({ command, key: `${pad}${(index + 1) % 10}`, when })),
  );
  const named = entries(reviewContributions).flatMap(([action, { keys }]) =>
    keys.map((key) => ({
      command: reviewCommandIds[action],
      key,
      ...(key.startsWith('ctrl+') ? { mac: key.replace('ctrl+', 'cmd+') } : {}),
      when,
    })),
  );
  return [...named, ...digits];
}

function entries<K extends string, V>(table: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(table) as [K, V][];
}
