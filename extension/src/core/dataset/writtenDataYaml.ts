/** The first line of a `data.yaml` that the product wrote, by which it knows its own again. */
const firstLine = '# Written by Active Learning for YOLO.';

/** Whether the text is that of `dataYamlText`, so that it may be replaced. */
export function isWrittenDataYaml(text: string): boolean {
  return text.startsWith(firstLine);
}

/**
 * A `data.yaml` for a folder of images, with a list of images for each split: a split that is a folder would turn the
 * images without a label into background.
 * @param lists the file names of the lists, relative to the folder of the `data.yaml`.
 */
export function dataYamlText(
  classNames: readonly string[],
  lists: { readonly train: string; readonly val: string },
): string {
  // A string of JSON is one of YAML too; without quotes, a YAML 1.1 reader changes "yes" and "0123".
  const names = classNames.map((name, id) => `  ${id}: ${JSON.stringify(name)}`);
  return [
    firstLine,
    '# The lists hold the images that were labelled at that time. To renew them: "Write data.yaml".',
    `train: ${lists.train}`,
    `val: ${lists.val}`,
    '',
    'names:',
    ...names,
    '',
  ].join('\n');
}
