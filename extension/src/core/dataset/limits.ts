/** Bounds on a dataset description; docs/datasets.md lists them. Beyond them a file is refused before it costs time. */

/** ImageNet-21k, the longest list of classes in use, has 21,843. */
export const mostClasses = 25_000;
/** Characters of a class name. */
export const longestClassName = 500;
/** Bytes of a data.yaml. */
export const mostDescriptionBytes = 2 * 1024 * 1024;
/** Lines and commas of a data.yaml: what its parser spends time on. */
export const mostDescriptionEntries = 100_000;
