import type { ReviewAction, ReviewState } from '../../../../extension/src/protocol/review.ts';
import { actions } from './actions.ts';

/**
 * Checks the outline of a message from the host. Not every field, because both sides are built together.
 * @throws Error if the message is invalid.
 */
export function checkFromHost(type: string, payload: unknown): unknown {
  if (type === 'review/state' && isReviewState(payload)) return payload;
  if (type === 'review/action' && isActionMessage(payload)) return payload;
  throw new Error(`The message ${type} is not valid.`);
}

export function isReviewState(value: unknown): value is ReviewState {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'queue' in value &&
    Array.isArray(value.queue) &&
    'classNames' in value &&
    Array.isArray(value.classNames) &&
    'current' in value &&
    typeof value.current === 'object' &&
    'thresholds' in value &&
    typeof value.thresholds === 'object' &&
    'editable' in value &&
    typeof value.editable === 'boolean'
  );
}

function isActionMessage(value: unknown): value is { readonly action: ReviewAction } {
  if (typeof value !== 'object' || value === null || !('action' in value)) return false;
  return typeof value.action === 'string' && Object.hasOwn(actions, value.action);
}
