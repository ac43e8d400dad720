import type { ReviewAction } from '../protocol/review.ts';

/** The ids of all commands. `contributes/commands.ts` has their titles and menus. */
export const commandIds = {
  sessionNew: 'activeLearning.session.new',
  sessionEdit: 'activeLearning.session.edit',
  sessionRename: 'activeLearning.session.rename',
  sessionDuplicate: 'activeLearning.session.duplicate',
  sessionDelete: 'activeLearning.session.delete',
  sessionComplete: 'activeLearning.session.complete',
  sessionReopen: 'activeLearning.session.reopen',
  iterationRun: 'activeLearning.iteration.run',
  batchSelectFirst: 'activeLearning.batch.selectFirst',
  iterationStop: 'activeLearning.iteration.stop',
  batchPreview: 'activeLearning.batch.preview',
  iterationTakeOver: 'activeLearning.iteration.takeOver',
  reviewOpen: 'activeLearning.review.open',
  reviewFinish: 'activeLearning.review.finish',
  imagesBrowse: 'activeLearning.images.browse',
  metricsOpen: 'activeLearning.metrics.open',
  scoreNew: 'activeLearning.metric.new',
  modelExport: 'activeLearning.model.export',
  modelExportVersion: 'activeLearning.model.exportVersion',
  modelSetActive: 'activeLearning.model.setActive',
  modelReveal: 'activeLearning.model.reveal',
  imageReview: 'activeLearning.image.review',
  datasetValidate: 'activeLearning.dataset.validate',
  datasetRescan: 'activeLearning.dataset.rescan',
  datasetDuplicates: 'activeLearning.dataset.duplicates',
  datasetLabelErrors: 'activeLearning.dataset.labelErrors',
  datasetLocate: 'activeLearning.dataset.locate',
  datasetOpen: 'activeLearning.dataset.open',
  datasetDescribe: 'activeLearning.dataset.describe',
  environmentSetUp: 'activeLearning.environment.setUp',
  environmentSelect: 'activeLearning.environment.select',
  environmentCheck: 'activeLearning.environment.check',
  diskSpaceManage: 'activeLearning.diskSpace.manage',
  runOpenLog: 'activeLearning.run.openLog',
  activityShow: 'activeLearning.activity.show',
  folderTrust: 'activeLearning.folder.trust',
  storageChoose: 'activeLearning.storage.choose',
  viewRefresh: 'activeLearning.view.refresh',
  helpOpen: 'activeLearning.help.open',
  logShow: 'activeLearning.log.show',
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];

/** The actions of the review as commands, so that users can bind each of them to any key. */
export const reviewCommandIds: Readonly<Record<ReviewAction, string>> = {
  accept: 'activeLearning.review.accept',
  'save-corrections': 'activeLearning.review.saveCorrections',
  reject: 'activeLearning.review.reject',
  'reject-background': 'activeLearning.review.rejectBackground',
  'reject-unusable': 'activeLearning.review.rejectUnusable',
  'reject-later': 'activeLearning.review.rejectLater',
  skip: 'activeLearning.review.skip',
  undo: 'activeLearning.review.undo',
  redo: 'activeLearning.review.redo',
  next: 'activeLearning.review.next',
  previous: 'activeLearning.review.previous',
  'next-box': 'activeLearning.review.nextBox',
  'previous-box': 'activeLearning.review.previousBox',
  'next-doubtful-box': 'activeLearning.review.nextDoubtfulBox',
  'toggle-keep': 'activeLearning.review.toggleKeep',
  'next-alternative': 'activeLearning.review.nextAlternative',
  'next-candidate': 'activeLearning.review.nextCandidate',
  'apply-threshold': 'activeLearning.review.applyThreshold',
  'keep-only': 'activeLearning.review.keepOnly',
  'move-box': 'activeLearning.review.moveBox',
  'delete-box': 'activeLearning.review.deleteBox',
  'draw-box': 'activeLearning.review.drawBox',
  'change-class': 'activeLearning.review.changeClass',
  'copy-box': 'activeLearning.review.copyBox',
  'paste-box': 'activeLearning.review.pasteBox',
  'duplicate-box': 'activeLearning.review.duplicateBox',
  'repeat-boxes': 'activeLearning.review.repeatBoxes',
  'undo-edit': 'activeLearning.review.undoEdit',
  'redo-edit': 'activeLearning.review.redoEdit',
  'zoom-in': 'activeLearning.review.zoomIn',
  'zoom-out': 'activeLearning.review.zoomOut',
  'zoom-fit': 'activeLearning.review.zoomFit',
  'zoom-actual': 'activeLearning.review.zoomActual',
  'zoom-box': 'activeLearning.review.zoomBox',
  'keep-zoom': 'activeLearning.review.keepZoom',
  brighter: 'activeLearning.review.brighter',
  darker: 'activeLearning.review.darker',
  'more-contrast': 'activeLearning.review.moreContrast',
  'less-contrast': 'activeLearning.review.lessContrast',
  'accept-confident': 'activeLearning.review.acceptConfident',
  compare: 'activeLearning.review.compare',
  'reset-light': 'activeLearning.review.resetLight',
  'toggle-boxes': 'activeLearning.review.toggleBoxes',
  'show-keys': 'activeLearning.review.showKeys',
};

/** Commands that give the first to the tenth class, each with a title for its key in the Keyboard Shortcuts editor. */
export const changeClassCommandIds: readonly string[] = Array.from(
  { length: 10 },
  (_, index) => `${reviewCommandIds['change-class']}${index + 1}`,
);

export const viewIds = { container: 'activeLearning', sessions: 'activeLearning.sessions' } as const;

export const walkthroughId = 'getStarted';

/** The context keys that menus, keybindings and welcome views use. */
export const contextKeys = {
  /** `loading`, `no-dataset`, `no-session`, `sessions` or `error`. */
  view: 'activeLearning:view.state',
  /** The code of the failure, such as `database-locked`, if the state is `error`. */
  viewError: 'activeLearning:view.error',
  /** The workspace has sessions that came with a folder and are not trusted. */
  untrustedFolder: 'activeLearning:folder.untrusted',
  /** `unknown`, `checking`, `ready` or `missing`. */
  environment: 'activeLearning:environment.state',
  /** A review panel is the active editor. */
  reviewActive: 'activeLearning:review.active',
  /** Steps of the walkthrough: true for the moment in which VS Code completes a finished one. */
  doneEnvironment: 'activeLearning:done.environment',
  doneSession: 'activeLearning:done.session',
  doneTrain: 'activeLearning:done.train',
  doneReview: 'activeLearning:done.review',
  doneExport: 'activeLearning:done.export',
} as const;

export const settingsSection = 'activeLearning';

/** Settings of VS Code that replace the default of a session setting, by its name. */
export const sessionDefaultKeys = {
  baseModel: 'defaults.baseModel',
  epochs: 'defaults.epochs',
  imageSize: 'defaults.imageSize',
  maxSamplesPerIteration: 'defaults.samplesPerIteration',
  maxIterations: 'defaults.maxIterations',
} as const;

export type SessionDefaultKey = (typeof sessionDefaultKeys)[keyof typeof sessionDefaultKeys];

/** The keys of all settings, below `activeLearning`. */
export const settingKeys = {
  pythonPath: 'python.path',
  storageFolder: 'storage.folder',
  allowDownload: 'models.allowDownload',
  ...sessionDefaultKeys,
} as const;

export type SettingKey = (typeof settingKeys)[keyof typeof settingKeys];
