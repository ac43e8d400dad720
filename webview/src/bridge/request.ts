import { RequestFailed, type ProtocolError } from '../../../extension/src/protocol/channel.ts';

/** A failed request. `attempt` describes the request, so that the page can send it again. */
export interface Problem<Attempt> {
  readonly error: ProtocolError;
  readonly attempt: Attempt;
}

/** Sends a request. @returns the problem if it fails, otherwise null. */
export async function tryRequest<Attempt>(
  attempt: Attempt,
  send: () => Promise<unknown>,
): Promise<Problem<Attempt> | null> {
  try {
    await send();
    return null;
  } catch (error) {
    return { error: describeFailure(error), attempt };
  }
}

/** Any failure as the page shows it. */
export function describeFailure(error: unknown): ProtocolError {
  if (error instanceof RequestFailed) return { code: error.code, message: error.message, hint: error.hint };
  return { code: 'unexpected', message: error instanceof Error ? error.message : String(error), hint: '' };
}
