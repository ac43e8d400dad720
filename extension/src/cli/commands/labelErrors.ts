import { findLabelErrorsOperation } from '../../workflow/operations/labelOperations.ts';
import { defineCommand } from '../defineCommand.ts';
import { workspaceEnvironment } from '../session.ts';

export const labelErrorsCommand = defineCommand({
  name: 'label-errors',
  operation: findLabelErrorsOperation,
  environment: workspaceEnvironment,
  text: ({ images, judged, leftOut }) =>
    [
      `${judged} images were compared with the model: ${images.length} may have label errors.`,
      ...(leftOut === 0
        ? []
        : [`${leftOut} were left out: every model version has trained on them, or cannot read them.`]),
      ...images.flatMap(({ path, split, version, findings }) => [
        `${path} (${split}, version ${version})`,
        ...findings.map(({ kind, className, otherClassName, confidence }) => {
          const sure = confidence === null ? '' : ` (${Math.round(100 * confidence)}%)`;
          if (kind === 'overlooked') return `  perhaps not labelled: ${className}${sure}`;
          if (kind === 'placed') return `  perhaps in the wrong place: ${className}${sure}`;
          return `  perhaps of the wrong class: ${className}, the model sees ${otherClassName ?? 'another label'}${sure}`;
        }),
      ]),
    ].join('\n'),
});
