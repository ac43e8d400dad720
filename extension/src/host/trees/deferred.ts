// What this folder needs after activation. Loaded with `import()` when first used.
export { sessionStatus } from '../../workflow/session/status.ts';
export { hasDataset } from '../session/datasetSearch.ts';
