import { viewIds, type commandIds } from '../ids.ts';

// The commands of package.json. `npm run manifest` writes package.json and package.nls.json from the tables of this folder.

/** A place of a command in a menu. */
export interface MenuPlace {
  readonly menu: 'view/title' | 'view/item/context' | 'explorer/context' | 'editor/title';
  /** The group and, after `@`, the position in it. */
  readonly group: string;
  readonly when: string;
}

export interface CommandContribution {
  readonly title: string;
  readonly icon?: string;
  readonly menus?: readonly MenuPlace[];
}

const inSessionsView = `view == ${viewIds.sessions}`;

function viewTitle(group: string, when?: string): MenuPlace {
  return { menu: 'view/title', group, when: when === undefined ? inSessionsView : `${inSessionsView} && ${when}` };
}

/** @param pattern of the `context` of a tree node, see `trees/treeNode.ts`. */
function treeItem(group: string, pattern: string): MenuPlace {
  return { menu: 'view/item/context', group, when: `${inSessionsView} && viewItem =~ /${pattern}/` };
}

/** The endings that Ultralytics reads. */
const isImage = String.raw`resourceExtname =~ /^\.(avif|bmp|dng|heic|heif|jp2|jpe?g|mpo|png|tiff?|webp)$/i`;

/** The commands by their names in `commandIds`. They are always enabled and explain what is missing when they run. */
export const commandContributions: Readonly<Record<keyof typeof commandIds, CommandContribution>> = {
  sessionNew: {
    title: 'New Training Session…',
    icon: '$(add)',
    menus: [viewTitle('navigation@1')],
  },
  sessionEdit: {
    title: 'Edit Session…',
    icon: '$(edit)',
    menus: [treeItem('4_session@1', '^session;')],
  },
  sessionRename: {
    title: 'Rename Session…',
    menus: [treeItem('4_session@2', '^session;')],
  },
  sessionDuplicate: {
    title: 'Duplicate Session…',
    menus: [treeItem('4_session@3', '^session;')],
  },
  sessionDelete: {
    title: 'Delete Session…',
    icon: '$(trash)',
    menus: [treeItem('5_delete@1', '^session;')],
  },
  sessionComplete: {
    title: 'Complete Session',
    menus: [treeItem('4_session@4', String.raw`^session;.*\bopen;`)],
  },
  sessionReopen: {
    title: 'Reopen Session',
    menus: [treeItem('4_session@5', String.raw`^session;.*\bclosed;`)],
  },
  iterationRun: {
    title: 'Train Next Iteration',
    icon: '$(play)',
    menus: [treeItem('inline@1', '^session;.*next=run;'), treeItem('1_loop@1', String.raw`^session;.*\brun;`)],
  },
  batchSelectFirst: {
    title: 'Select First Batch',
    icon: '$(play)',
    menus: [
      treeItem('inline@1', '^session;.*next=firstBatch;'),
      treeItem('1_loop@1', String.raw`^session;.*\bfirstBatch;`),
    ],
  },
  iterationStop: {
    title: 'Stop Iteration',
    icon: '$(debug-stop)',
    menus: [treeItem('inline@1', '^session;.*next=stop;'), treeItem('1_loop@2', '^session;.*(running|next=stop);')],
  },
  iterationTakeOver: {
    title: 'Take Over Iteration from Another Window',
    icon: '$(arrow-swap)',
    menus: [
      treeItem('inline@1', '^session;.*next=takeOver;'),
      treeItem('1_loop@2', String.raw`^session;.*\belsewhere;`),
    ],
  },
  reviewOpen: {
    title: 'Review Samples',
    icon: '$(checklist)',
    menus: [
      treeItem('inline@1', '^session;.*next=review;'),
      treeItem('inline@1', '^samples;.*review;'),
      treeItem('1_loop@3', String.raw`^session;.*\breview;`),
      treeItem('1_loop@1', String.raw`^iteration;.*\breview;`),
      treeItem('1_loop@1', '^samples;.*review;'),
    ],
  },
  batchPreview: {
    title: 'Preview Batch…',
    icon: '$(diff)',
    menus: [treeItem('1_loop@5', String.raw`^session;.*\breview;`)],
  },
  reviewFinish: {
    title: 'Finish Review',
    icon: '$(pass)',
    menus: [
      treeItem('inline@1', '^session;.*next=finish;'),
      treeItem('1_loop@4', String.raw`^session;.*\bfinish;`),
      { menu: 'editor/title', group: 'navigation@1', when: 'activeWebviewPanelId == activeLearning.review' },
    ],
  },
  metricsOpen: {
    title: 'Show Metrics',
    icon: '$(graph-line)',
    menus: [
      treeItem('inline@1', '^metrics;'),
      treeItem('2_results@1', '^(session|iteration);'),
      { menu: 'editor/title', group: 'navigation@2', when: 'activeWebviewPanelId == activeLearning.review' },
    ],
  },
  imagesBrowse: {
    title: 'Browse Images',
    icon: '$(symbol-array)',
    menus: [
      treeItem('inline@2', '^samples;'),
      treeItem('1_loop@2', '^samples;'),
      treeItem('2_results@3', '^session;'),
      { menu: 'editor/title', group: 'navigation@3', when: 'activeWebviewPanelId == activeLearning.review' },
    ],
  },
  scoreNew: {
    title: 'New Score Plug-in…',
  },
  modelExport: {
    title: 'Export Best Model…',
    icon: '$(export)',
    menus: [
      treeItem('inline@1', '^session;.*next=export;'),
      treeItem('2_results@2', String.raw`^session;.*\bexport;`),
      { menu: 'editor/title', group: 'navigation@1', when: 'activeWebviewPanelId == activeLearning.metrics' },
    ],
  },
  modelExportVersion: {
    title: 'Export Model Version…',
    icon: '$(export)',
    menus: [treeItem('inline@1', '^model;'), treeItem('1_model@2', '^model;')],
  },
  modelSetActive: {
    title: 'Set Active Model Version',
    menus: [treeItem('1_model@1', '^model;(?!.*active;)')],
  },
  modelReveal: {
    title: 'Reveal Model File',
    menus: [treeItem('1_model@3', '^model;')],
  },
  imageReview: {
    title: 'Review This Image',
    icon: '$(pass)',
    menus: [
      {
        menu: 'explorer/context',
        group: 'activeLearning@2',
        when: `${isImage} && isWorkspaceTrusted`,
      },
      {
        menu: 'editor/title',
        group: '2_activeLearning@1',
        when: `${isImage} && activeCustomEditorId == imagePreview.previewEditor && isWorkspaceTrusted`,
      },
    ],
  },
  datasetValidate: {
    title: 'Validate Dataset',
    menus: [
      treeItem('3_dataset@1', '^session;'),
      {
        menu: 'explorer/context',
        group: 'activeLearning@1',
        when: 'resourceFilename =~ /^(data|dataset)\\.ya?ml$/ && isWorkspaceTrusted',
      },
    ],
  },
  datasetRescan: {
    title: 'Rescan Dataset',
    icon: '$(sync)',
    menus: [treeItem('3_dataset@2', '^session;')],
  },
  datasetDuplicates: {
    title: 'Find Duplicates',
    menus: [treeItem('3_dataset@3', '^session;')],
  },
  datasetLabelErrors: {
    title: 'Find Label Errors',
    menus: [treeItem('3_dataset@4', '^session;')],
  },
  datasetLocate: {
    title: 'Locate Dataset…',
    menus: [treeItem('3_dataset@6', '^session;')],
  },
  datasetOpen: {
    title: 'Open Dataset File',
    menus: [treeItem('3_dataset@5', '^session;')],
  },
  datasetDescribe: {
    title: 'Write data.yaml',
  },
  environmentSetUp: {
    title: 'Set Up Training Environment…',
    menus: [viewTitle('1_environment@1')],
  },
  environmentSelect: {
    title: 'Select Python for Training…',
    menus: [viewTitle('1_environment@2')],
  },
  environmentCheck: {
    title: 'Check Training Environment',
    menus: [viewTitle('1_environment@3')],
  },
  diskSpaceManage: {
    title: 'Manage Disk Space…',
    menus: [viewTitle('1_environment@4')],
  },
  runOpenLog: {
    title: 'Open Training Output',
    menus: [treeItem('3_run@1', String.raw`^iteration;.*\brun;`)],
  },
  activityShow: {
    title: 'Show Running Iteration',
  },
  folderTrust: {
    title: 'Trust Sessions in This Folder',
    icon: '$(workspace-trusted)',
    menus: [viewTitle('navigation@0', 'isWorkspaceTrusted && activeLearning:folder.untrusted')],
  },
  storageChoose: {
    title: 'Choose Session Storage Location…',
  },
  viewRefresh: {
    title: 'Refresh',
    icon: '$(refresh)',
    menus: [viewTitle('navigation@2')],
  },
  helpOpen: {
    title: 'Get Started',
    icon: '$(book)',
    menus: [viewTitle('2_help@1')],
  },
  logShow: {
    title: 'Show Log',
    menus: [viewTitle('2_help@2')],
  },
};
