import { contextKeys } from '../ids.ts';

export interface WelcomeContribution {
  /** Markdown with links to commands. */
  readonly contents: string;
  readonly when: string;
}

const hasFolder = 'workspaceFolderCount != 0';
const trusted = `isWorkspaceTrusted && ${hasFolder}`;
const failed = `${hasFolder} && ${contextKeys.view} == 'error'`;
const retry = '[Try Again](command:activeLearning.view.refresh)\n[Show Log](command:activeLearning.log.show)';

/** What the sessions view shows while it has no sessions, by the name of the text. */
export const welcomeContributions: Readonly<Record<string, WelcomeContribution>> = {
  noFolder: {
    contents:
      'Open the folder that contains your images. They stay on this machine.\n[Open Folder](command:workbench.action.files.openFolder)\nNew here? [See how it works](command:activeLearning.help.open).',
    when: 'workspaceFolderCount == 0',
  },
  untrusted: {
    contents:
      'This workspace is in Restricted Mode. Training, scoring and review require a trusted workspace.\n[Manage Workspace Trust](command:workbench.trust.manage)',
    when: `${hasFolder} && !isWorkspaceTrusted`,
  },
  noDataset: {
    contents:
      'No dataset found in this folder: no data.yaml and no folder of images. Choose a dataset in another location, or open another folder.\n[New Training Session](command:activeLearning.session.new)\n[Open Another Folder](command:workbench.action.files.openFolder)',
    when: `${trusted} && ${contextKeys.view} == 'no-dataset'`,
  },
  noSession: {
    contents:
      'Dataset found. Create a session to train a detector and review only the images that matter most.\n[New Training Session](command:activeLearning.session.new)\nNew here? [See how it works](command:activeLearning.help.open).',
    when: `${trusted} && ${contextKeys.view} == 'no-session'`,
  },
  locked: {
    contents: `Cannot read the sessions of this folder: another program is using the session database. Close other windows, command-line runs and database browsers that use it.\n${retry}`,
    when: `${failed} && ${contextKeys.viewError} == 'database-locked'`,
  },
  damaged: {
    contents: `Cannot read the sessions of this folder: the session database (sessions.db in .active-learning) is damaged or not a valid database. Restore a backup, or move it aside to start over. Your images and labels are not affected.\n${retry}`,
    when: `${failed} && ${contextKeys.viewError} == 'not-a-database'`,
  },
  stranger: {
    contents:
      'These sessions came with the folder and were created by an older version. They cannot be shown until you trust them.\n[Trust Sessions](command:activeLearning.folder.trust)',
    when: `${failed} && ${contextKeys.viewError} == 'untrusted-folder'`,
  },
  error: {
    contents: `Cannot read the sessions of this folder. See the log for the cause and a solution.\n${retry}`,
    when: `${failed} && ${['database-locked', 'not-a-database', 'untrusted-folder'].map((code) => `${contextKeys.viewError} != '${code}'`).join(' && ')}`,
  },
  noPython: {
    contents:
      'Training requires Python with PyTorch and Ultralytics, which was not found. [Set up a training environment](command:activeLearning.environment.setUp), or [select a Python](command:activeLearning.environment.select) that has them. You can review without Python.',
    when: `${trusted} && ${contextKeys.environment} == 'missing' && ${contextKeys.view} =~ /^no-/`,
  },
};

export interface WalkthroughStepContribution {
  readonly title: string;
  /** Markdown with links to commands. */
  readonly description: string;
  /** Describes the picture of the step, `media/walkthrough/<step>.svg`. */
  readonly altText: string;
  /** Completes the step. */
  readonly contextKey: string;
}

export const walkthroughTexts = {
  title: 'Get Started with Active Learning',
  description: 'From a folder of images to a detector, with as few labels as possible.',
};

/** The steps of the walkthrough, by id. */
export const walkthroughSteps: Readonly<Record<string, WalkthroughStepContribution>> = {
  environment: {
    title: 'Set up training',
    description:
      'Training runs in Python on this machine. One command installs PyTorch and Ultralytics in a separate environment, after you confirm.\n[Set Up Training](command:activeLearning.environment.setUp)\nAlready have one? [Select Python](command:activeLearning.environment.select)',
    altText: 'A window with a progress bar that fills a box of packages',
    contextKey: contextKeys.doneEnvironment,
  },
  session: {
    title: 'Create a session',
    description:
      'Choose your images and press Enter three times. The defaults work well, and you can change each of them.\n[New Training Session](command:activeLearning.session.new)',
    altText: 'A grid of images, some of them with boxes, next to a list of settings',
    contextKey: contextKeys.doneSession,
  },
  train: {
    title: 'Train and score',
    description:
      'The model learns from the labelled images, scores all other images, and selects those it is least certain about.\n[Train Next Iteration](command:activeLearning.iteration.run)',
    altText: 'A rising curve, and images sorted by the uncertainty of the model',
    contextKey: contextKeys.doneTrain,
  },
  review: {
    title: 'Review a few samples',
    description:
      'Accept, correct or reject the predicted boxes. Each action is one key, and you can undo every verdict. Then train again.\n[Review Samples](command:activeLearning.review.open)',
    altText: 'An image with a box whose corner is being dragged, and the keys A, D and R',
    contextKey: contextKeys.doneReview,
  },
  export: {
    title: 'Export the model',
    description:
      'When the metrics are good enough, export the best version: weights, ONNX, metrics and a model card.\n[Export Best Model](command:activeLearning.model.export)',
    altText: 'A box with a star that leaves a chart',
    contextKey: contextKeys.doneExport,
  },
};
