import { markdownText } from '../../core/text/escapeText.ts';
import { leftOutNote, leftOutOf } from './leftOut.ts';
import type { DatasetRow } from '../ports/store/datasets.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { SessionRow } from '../ports/store/sessions.ts';

interface CardFacts {
  readonly session: SessionRow;
  readonly dataset: DatasetRow;
  readonly iterations: readonly IterationRow[];
  readonly iteration: IterationRow;
  readonly version: ModelVersionRow;
  readonly exportedAt: string;
}

/** A model card in Markdown: what the model is, what it was trained on, how good it is and on how many images. */
export function modelCard({ session, dataset, iterations, iteration, version, exportedAt }: CardFacts): string {
  const rows = iterations.filter((row) => row.map50 !== null);
  const table = rows.map(
    (row) =>
      `| ${row.iterationNumber} | ${row.trainingImagesCount} | ${row.trainingBoxesCount} | ${metricText(row.map50)} | ${metricText(row.map5095)} | ${metricText(row.precision)} | ${metricText(row.recall)} | ${row.validationImagesCount} |`,
  );
  const { packages, seed, device } = version.lineage;
  return `# ${markdownText(session.name)}, version ${version.versionNumber}

${markdownText(session.description) || 'An object detector made with Active Learning for YOLO.'}

- Exported: ${exportedAt.slice(0, 10)}
- Base model: ${markdownText(baseName(session.baseModel))}
- Classes: ${dataset.classNames.map((name, id) => `${id} ${markdownText(name)}`).join(', ')}
- Image size: ${session.imageSize} px
- Trained on: ${countOf(iteration.trainingImagesCount, 'labelled image', 'labelled images')}, ${countOf(iteration.trainingBoxesCount, 'box', 'boxes')} (label snapshot ${markdownText(version.labelSnapshot)})
${leftOutLine(version)}- Trained with seed ${markdownText(String(seed))}, device ${markdownText(String(device))}${packageList(packages)}

## Metrics

Measured on ${measuredOn(iteration, classesShown(version, dataset))}, COCO protocol, by the product's own evaluator.
Precision and recall are those at the confidence of the best F1, IoU 0.5.

| iteration | images | boxes | mAP50 | mAP50-95 | precision | recall | validation images |
|---|---|---|---|---|---|---|---|
${table.join('\n')}

## Use

The \`.onnx\` file takes \`images\`, float32 RGB in 0…1, [batch, 3, height, width], letterboxed to multiples of 32 and filled with 114/255.
\`output0\` is [batch, 4 + classes, anchors]: centre x, centre y, width, height in input pixels, then one sigmoid score a class; apply non-maximum suppression.
\`embedding\` is a feature vector of the image. The \`.pt\` file loads with \`ultralytics.YOLO\`.

## Limits and licence

The numbers hold for images like those of the validation set. The weights were trained with Ultralytics YOLO, which is AGPL-3.0 or
commercially licensed; Ultralytics holds that trained models fall under the same terms. Check what that means for your use.
`;
}

/** Images that the trainer could not use, with the user's paths. */
function leftOutLine(version: ModelVersionRow): string {
  const note = leftOutNote(leftOutOf(version.lineage));
  return note === null ? '' : `- Not in these numbers: ${note}\n`;
}

/** Classes without a validation image do not affect the metrics. */
function classesShown(version: ModelVersionRow, dataset: DatasetRow): string | null {
  const { classesWithTruth } = version.performanceMetrics;
  return typeof classesWithTruth === 'number'
    ? `${classesWithTruth} of the ${countOf(dataset.classNames.length, 'class', 'classes')}`
    : null;
}

/** "12 validation images that were never trained on and show 2 of the 3 classes". */
function measuredOn({ validationImagesCount: count }: IterationRow, classes: string | null): string {
  const [were, show] = count === 1 ? ['was', 'shows'] : ['were', 'show'];
  const images = countOf(count, 'validation image', 'validation images');
  return `${images} that ${were} never trained on${classes === null ? '' : ` and ${show} ${classes}`}`;
}

function countOf(count: number | null, one: string, more: string): string {
  return `${count ?? 0} ${count === 1 ? one : more}`;
}

/** File name only, so that local paths don't leak into a shared model card. */
function baseName(model: string): string {
  return model.split(/[\\/]/).at(-1) ?? model;
}

function packageList(packages: unknown): string {
  if (typeof packages !== 'object' || packages === null) return '';
  return Object.entries(packages)
    .map(([name, version]) => `, ${markdownText(`${name} ${String(version)}`)}`)
    .join('');
}

function metricText(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}
