// What this folder needs after activation: process tools and schemas. Loaded with `import()` when first used.
export { findPython } from '../../adapters/python/pythonEnvironment.ts';
export { TrainingError } from '../../core/session/errors.ts';
export { removeUnfinished } from './leftovers.ts';
