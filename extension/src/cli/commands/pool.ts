import { basename } from 'node:path';
import type { PreviewImage } from '../../workflow/iteration/selection/previewBatch.ts';
import {
  applyBatchOperation,
  findDuplicatesOperation,
  listPoolOperation,
  previewBatchOperation,
} from '../../workflow/operations/poolOperations.ts';
import type { PoolImage } from '../../workflow/session/poolPage.ts';
import type { ReportedDuplicate } from '../../workflow/similarity/duplicates.ts';
import { defineCommand } from '../defineCommand.ts';
import { table } from '../output.ts';
import { workspaceEnvironment } from '../session.ts';

export const poolCommand = defineCommand({
  name: 'pool',
  operation: listPoolOperation,
  environment: workspaceEnvironment,
  text: ({ order, images }) =>
    table(
      [order.kind === 'score' ? order.metric : 'expected', 'image', 'state', 'expected objects'],
      images.map(imageRow),
    ),
  notes: ({ version, next }) => [
    `Scored by model version ${version}.`,
    ...(next === null ? [] : [`There are more: add --after ${next}`]),
  ],
});

function imageRow({ value, path, state, expected }: PoolImage): readonly (string | number)[] {
  return [value, path, state, expected.map(({ className, count }) => `${count.toFixed(1)} ${className}`).join(', ')];
}

export const previewCommand = defineCommand({
  name: 'preview',
  operation: previewBatchOperation,
  environment: workspaceEnvironment,
  // `--weights` means the score weights here, and the base model in other commands.
  settingAliases: { uncertaintyWeights: 'weights' },
  text: ({ before, after, entering, leaving, classes, notes }) => {
    const staying = after.length - entering.length;
    const changes = [...changeRows(leaving, '-'), ...changeRows(entering, '+')];
    return [
      `${before.length} images now, ${after.length} then: ${staying} stay, ${leaving.length} leave, ${entering.length} come.`,
      ...(changes.length > 0 ? [table(['', 'image', 'reasons'], changes)] : []),
      '',
      table(
        ['class', 'labelled boxes', 'expected now', 'expected then'],
        classes.map((one) => [one.name, one.labelled, one.before, one.after]),
      ),
      ...notes,
    ].join('\n');
  },
  notes: (_, { apply }) => (apply === true ? ['The batch is replaced. Next: samples'] : []),
});

export const applyCommand = defineCommand({
  name: 'apply',
  operation: applyBatchOperation,
  environment: workspaceEnvironment,
  settingAliases: { uncertaintyWeights: 'weights' },
  text: ({ iterationNumber }) =>
    `${iterationNumber === 0 ? 'The first batch' : `The batch of iteration ${iterationNumber}`} is replaced. Next: samples`,
});

function changeRows(images: readonly PreviewImage[], sign: string): string[][] {
  return images.map(({ path, reasons }) => [sign, basename(path), reasons.join('; ')]);
}

export const duplicatesCommand = defineCommand({
  name: 'duplicates',
  operation: findDuplicatesOperation,
  environment: workspaceEnvironment,
  text: ({ images, withEmbeddings, groups, leaks }) => {
    const copies = groups.reduce((sum, { others }) => sum + others.length, 0);
    return [
      `${images} images: ${copies} show the same as another one, in ${groups.length} groups`,
      ...(withEmbeddings ? [] : ['Without vectors only pictures with almost the same hash were found.']),
      ...groups.flatMap(({ first, others }) => [
        `${first.file} (${first.split}, ${first.state})`,
        ...others.map((other) => `  ${similarity(other)}  ${other.file} (${other.split}, ${other.state})`),
      ]),
      ...leaks.map(
        ({ held, image }) =>
          `warning: ${image.file} (${image.split}) shows the same as ${held.file} (${held.split}), so that the numbers of ${held.split} flatter the model.`,
      ),
    ].join('\n');
  },
  exitCode: ({ leaks }) => (leaks.length > 0 ? 1 : 0),
});

function similarity({ sameFile, bits, cosine }: ReportedDuplicate): string {
  if (sameFile) return 'same file';
  return `${bits} of 64 bits differ${cosine === null ? '' : `, cosine ${cosine.toFixed(3)}`}`;
}
