import { toErrorReport } from '../../../core/errors.ts';
import { RequestFailed, type ProtocolError } from '../../../protocol/channel.ts';

/** Any failure as a webview may see it: no stack, no cause. */
export function describeError(error: unknown): ProtocolError {
  if (error instanceof RequestFailed) return { code: error.code, message: error.message, hint: error.hint };
  const { code, message, hint, where } = toErrorReport(error);
  return { code, message: where === undefined || message.includes(where) ? message : `${message} (${where})`, hint };
}
