import { AppError } from '../core/errors.ts';
import type { Engine } from '../workflow/engine.ts';

/** Something was asked of a workspace that is only looked at. */
export class BrowseOnlyError extends AppError<'browse-only'> {
  constructor() {
    super(
      'browse-only',
      'This workspace is not trusted: nothing is trained, scored or written in it.',
      'Trust the workspace, then try again.',
    );
  }
}

const refuse = (): Promise<never> => Promise.reject(new BrowseOnlyError());

/**
 * The engine of a workspace that is only looked at, such as one that is not trusted: it reads, and refuses to start
 * processes and to change files. That its database takes no writes is the business of whoever opened it.
 */
export function browsing(engine: Engine): Engine {
  return {
    ...engine,
    labels: { ...engine.labels, write: refuse, tidy: refuse, moveRoot: refuse },
    inference: {
      ...engine.inference,
      settle: refuse,
      predict: () => ({ [Symbol.asyncIterator]: () => ({ next: refuse }) }),
    },
    trainer: { ...engine.trainer, checkEnvironment: refuse, prepare: refuse, start: refuse, cancel: refuse },
    artifacts: { ...engine.artifacts, publish: refuse },
  };
}
