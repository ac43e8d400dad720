/** Limits of a dataset description, listed in docs/datasets.md. A file beyond them is refused early. */

/** ImageNet-21k, the longest list of classes in use, has 21,843. */
export const mostClasses = 25_000;
/** Characters of a class name. */
export const longestClassName = 500;
/** Bytes of a data.yaml. */
export const mostDescriptionBytes = 2 * 1024 * 1024;
/** Lines and commas of a data.yaml: they determine how long parsing takes. */
export const mostDescriptionEntries = 100_000;
