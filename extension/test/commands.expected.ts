// What every command does in every state of a workspace: one row for each command, one column for each state.
import { join } from 'node:path';
import { expect } from 'vitest';
import { commandIds as id, type CommandId } from '../src/host/ids.ts';

/**
 * A word with a cross is a refusal. `outcomes` explains each word. The test runs the rows from top to bottom; the last
 * two change the session. It skips the takeover that would wait for the other window: the tests of two windows have a
 * window that answers.
 */
const table = `
command             | no folder   | no session    | restricted    | new           | in review     | ended         | last          | completed     | elsewhere     | files gone
session.new         | ✗ no folder | list          | ✗ restricted  | list          | list          | list          | list          | list          | list          | list
session.edit        | ✗ no folder | ✗ no session  | ✗ restricted  | list          | list          | list          | list          | list          | list          | list
session.rename      | ✗ no folder | ✗ no session  | ✗ restricted  | input         | input         | input         | input         | input         | input         | input
session.duplicate   | ✗ no folder | ✗ no session  | ✗ restricted  | input         | input         | input         | input         | input         | input         | input
session.delete      | ✗ no folder | ✗ no session  | ✗ restricted  | delete?       | delete?       | delete?       | delete?       | delete?       | ✗ running     | delete?
iteration.run       | ✗ no folder | ✗ no session  | ✗ restricted  | ✗ environment | ✗ waiting     | ✗ environment | train all?    | ✗ completed   | ✗ training    | ✗ environment
batch.selectFirst   | ✗ no folder | ✗ no session  | ✗ restricted  | ✗ labelled    | ✗ labelled    | ✗ labelled    | ✗ labelled    | ✗ completed   | ✗ labelled    | ✗ labelled
iteration.stop      | ✗ no folder | ✗ no session  | ✗ restricted  | ✗ idle        | ✗ idle        | ✗ idle        | ✗ idle        | ✗ idle        | ✗ elsewhere   | ✗ idle
batch.preview       | ✗ no folder | ✗ no session  | ✗ restricted  | list          | list          | list          | list          | list          | list          | list
iteration.takeOver  | ✗ no folder | ✗ no takeover | ✗ restricted  | ✗ no takeover | ✗ no takeover | ✗ no takeover | ✗ no takeover | ✗ no takeover | (skipped)     | ✗ no takeover
review.open         | ✗ no folder | ✗ no session  | review        | ✗ no samples  | review        | review        | review        | review        | review        | review
review.finish       | ✗ no folder | ✗ no session  | ✗ restricted  | ✗ no batch    | ✗ unreviewed  | ✗ no batch    | ✗ no batch    | ✗ completed   | ✗ no batch    | ✗ no batch
images.browse       | ✗ no folder | ✗ no session  | images        | images        | images        | images        | images        | images        | images        | images
metrics.open        | ✗ no folder | ✗ no session  | metrics       | metrics       | metrics       | metrics       | metrics       | metrics       | metrics       | metrics
metric.new          | ✗ no folder | input         | ✗ restricted  | input         | input         | input         | input         | input         | input         | input
model.export        | ✗ no folder | ✗ no session  | ✗ restricted  | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | save dialog
model.exportVersion | ✗ no folder | ✗ no session  | ✗ restricted  | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | list
model.setActive     | ✗ no folder | ✗ no session  | ✗ restricted  | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | list
model.reveal        | ✗ no folder | ✗ no session  | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ files gone
image.review        | ✗ no folder | ✗ no session  | ✗ restricted  | ✗ no image    | ✗ no image    | ✗ no image    | ✗ no image    | ✗ no image    | ✗ no image    | ✗ no image
dataset.validate    | ✗ no folder | list          | ✗ restricted  | report        | report        | report        | report        | report        | report        | report
dataset.rescan      | ✗ no folder | ✗ no session  | ✗ restricted  | unchanged     | unchanged     | unchanged     | unchanged     | unchanged     | unchanged     | unchanged
dataset.duplicates  | ✗ no folder | ✗ no session  | ✗ restricted  | no duplicates | no duplicates | no duplicates | no duplicates | no duplicates | no duplicates | no duplicates
dataset.labelErrors | ✗ no folder | ✗ no session  | ✗ restricted  | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | ✗ no model    | no errors
dataset.locate      | ✗ no folder | ✗ no session  | ✗ restricted  | open dialog   | open dialog   | open dialog   | open dialog   | open dialog   | open dialog   | open dialog
dataset.open        | ✗ no folder | ✗ no session  | document      | document      | document      | document      | document      | document      | document      | document
dataset.describe    | ✗ no folder | ✗ no session  | ✗ restricted  | ✗ described   | ✗ described   | ✗ described   | ✗ described   | ✗ described   | ✗ described   | ✗ described
environment.setUp   | ✗ python    | ✗ python      | ✗ restricted  | ✗ python      | ✗ python      | ✗ python      | ✗ python      | ✗ python      | ✗ python      | ✗ python
environment.select  | ✗ no folder | list          | ✗ restricted  | list          | list          | list          | list          | list          | list          | list
environment.check   | ✗ no folder | ✗ environment | ✗ restricted  | ✗ environment | ✗ environment | ✗ environment | ✗ environment | ✗ environment | ✗ environment | ✗ environment
diskSpace.manage    | list        | list          | ✗ restricted  | list          | list          | list          | list          | list          | list          | list
run.openLog         | ✗ no folder | ✗ no session  | ✗ no run      | ✗ no run      | ✗ no run      | ✗ no run      | ✗ no run      | ✗ no run      | ✗ no run      | ✗ no run
activity.show       | ✗ no folder | ✗ no activity | ✗ no activity | ✗ no activity | ✗ no activity | ✗ no activity | ✗ no activity | ✗ no activity | metrics       | ✗ no activity
folder.trust        | ✗ no folder | trusted       | ✗ restricted  | trusted       | trusted       | trusted       | trusted       | trusted       | trusted       | trusted
storage.choose      | ✗ no folder | list          | ✗ restricted  | list          | list          | list          | list          | list          | list          | list
view.refresh        | tree        | tree          | tree          | tree          | tree          | tree          | tree          | tree          | tree          | tree
help.open           | guide       | guide         | guide         | guide         | guide         | guide         | guide         | guide         | guide         | guide
log.show            | log         | log           | log           | log           | log           | log           | log           | log           | log           | log
session.complete    | ✗ no folder | ✗ no session  | ✗ restricted  | tree          | tree          | tree          | tree          | ✗ ended       | ✗ running     | tree
session.reopen      | ✗ no folder | ✗ no session  | ✗ restricted  | tree          | tree          | tree          | tree          | tree          | ✗ open        | tree
`;

/** The states, and what the refusals of each offer as the next step. */
const nextSteps = {
  'no folder': 'workbench.action.files.openFolder',
  'no session': id.sessionNew,
  restricted: id.reviewOpen,
  new: id.iterationRun,
  'in review': id.reviewOpen,
  ended: id.iterationRun,
  last: id.iterationRun,
  completed: id.sessionReopen,
  elsewhere: id.activityShow,
  'files gone': id.iterationRun,
} as const;
export type State = keyof typeof nextSteps;

/** What the user sees of a command: a part of the window, a message, or a modal question. */
export type Outcome =
  | { readonly shows: string }
  | { readonly says: string; readonly offers: readonly string[] }
  | { readonly asks: string; readonly offers: readonly string[] };

const shows = (what: string): Outcome => ({ shows: what });
const says = (text: string, ...offers: readonly string[]): Outcome => ({ says: text, offers });
const asks = (text: string, ...offers: readonly string[]): Outcome => ({ asks: text, offers });
/** For messages that continue with paths or process numbers. */
const including = (text: string): string => expect.stringContaining(text);

const restricted =
  'This workspace is in Restricted Mode, so you can only view its sessions. Trust the workspace to train, review or make changes.';
const report =
  '4 images: 2 labelled (0 background) with 2 boxes, 2 unlabelled, 0 for validation. 0 errors, 2 warnings.';

/** The outcomes by the words of the table. */
const outcomes = (next: string, home: string): Readonly<Record<string, Outcome>> => ({
  // The command is available.
  list: shows('list'),
  input: shows('input'),
  'open dialog': shows('open dialog'),
  'save dialog': shows('save dialog'),
  document: shows('document'),
  review: shows('panel activeLearning.review'),
  metrics: shows('panel activeLearning.metrics'),
  images: shows('panel activeLearning.grid'),
  guide: shows('command workbench.action.openWalkthrough'),
  log: shows('log'),
  tree: shows('tree'),
  'delete?': asks('Delete the session "Spots"?', 'Delete', 'Delete with Models and Runs'),
  'train all?': asks('All 1 iterations of "Spots" are done.', 'Train on All Labels', 'Edit Session'),
  report: says(report, 'Show Problems'),
  unchanged: says('The dataset has not changed.'),
  'no duplicates': says('Found no duplicates among the 4 images of "Spots".'),
  'no errors': says(
    'No label of "Spots" disagrees with the model. 0 images were compared. 2 were left out: every model version has trained on them, or cannot read them.',
  ),
  trusted: says('You created or already trust all sessions in this workspace.'),
  // The command is not available.
  '✗ no folder': says('Open the folder that contains your images to use active learning.', next),
  '✗ no session': says('No training session yet.', next),
  '✗ restricted': says(restricted, 'Manage Workspace Trust'),
  '✗ python': says(including('Python was not found on this machine.'), 'vscode.open', id.environmentSelect, id.logShow),
  '✗ environment': says(including('There is no '), id.environmentSetUp, id.environmentSelect, id.logShow),
  '✗ idle': says('Nothing is running.', next),
  '✗ no activity': says('Nothing is running.', id.iterationRun),
  '✗ no takeover': says('No other window is running an iteration in this folder.', id.iterationRun),
  '✗ no run': says('This iteration has not started a training.', id.logShow),
  '✗ no model': says('"Spots" has no model yet.', next),
  '✗ files gone': says(`The files of model version 1 no longer exist: ${join(home, 'gone.pt')}`, next),
  '✗ no image': says('Open an image, or select one in the Explorer, to review it.'),
  '✗ no samples': says('"Spots" has no samples to review yet. An iteration selects them.', next),
  '✗ no batch': says('There is no batch to review.', next),
  '✗ described': says('The dataset has a data.yaml already.', id.datasetOpen),
  '✗ labelled': says('A first batch is for a session that has too few labels for a training.', next),
  '✗ waiting': says('2 samples wait for review; review them, or finish the review.', next),
  '✗ unreviewed': says('No sample was reviewed yet.', next),
  '✗ completed': says('The session is completed.', next),
  '✗ ended': says('"Spots" is already completed.', next),
  '✗ open': says('"Spots" is open.', id.iterationRun),
  '✗ running': says(including('perhaps in another window'), id.iterationStop, id.logShow),
  '✗ training': says(including('Another training is running'), id.iterationTakeOver, id.iterationRun),
  '✗ elsewhere': says(including('Another window is running this iteration'), id.iterationTakeOver),
});

/** One cell of the table. */
export interface ExpectedCommand {
  readonly id: CommandId;
  readonly word: string;
  readonly outcome: Outcome;
}

const [header = [], ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** The states of the header. */
export const columns: readonly string[] = header.slice(1);

/** The commands of the rows, in the order in which they run. */
export const rowIds: readonly CommandId[] = rows.map(([name = '']) => `activeLearning.${name}` as CommandId);

/** The commands that can run in a state. `home` is the folder of the test. */
export function expectedCommands(state: State, home: string): readonly ExpectedCommand[] {
  const known = outcomes(nextSteps[state], home);
  return rows.flatMap((row, index) => {
    const [command, word = ''] = [rowIds[index], row[header.indexOf(state)]];
    if (command === undefined || word === '(skipped)') return [];
    const outcome = known[word];
    if (outcome === undefined) throw new Error(`The table has "${word}" for ${command}, which no outcome explains.`);
    return [{ id: command, word, outcome }];
  });
}
