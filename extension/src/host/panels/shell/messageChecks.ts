import type { z } from 'zod';
import { AppError, toErrorReport } from '../../../core/errors.ts';
import { RequestFailed, type ProtocolError } from '../../../protocol/channel.ts';

/** A message of a webview does not follow the protocol. It was ignored. */
class MessageError extends AppError<'invalid-message'> {
  constructor(type: string, problem: string) {
    super(
      'invalid-message',
      `The message ${JSON.stringify(type.slice(0, 80))} is not valid: ${problem}.`,
      'Reload the window. If this happens again, report it with the log.',
    );
  }
}

/** A schema for the payload of each request type; requests without a payload send `null`. */
export type MessageSchemas<Requests> = { readonly [T in keyof Requests]: z.ZodType };

/**
 * Validates a message of a webview, which is not trusted.
 * @returns a copy that contains only fields of the schema. @throws MessageError
 */
export function checkMessage(schemas: Readonly<Record<string, z.ZodType>>, type: string, payload: unknown): unknown {
  const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (schema === undefined) throw new MessageError(type, 'there is no such message');
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new MessageError(type, `${issue?.path.join('.') || 'payload'}: ${issue?.message ?? 'unknown'}`);
}

/** Any failure in the form that a webview may see: without stack and cause. */
export function describeError(error: unknown): ProtocolError {
  if (error instanceof RequestFailed) return { code: error.code, message: error.message, hint: error.hint };
  const { code, message, hint, where } = toErrorReport(error);
  return { code, message: where === undefined || message.includes(where) ? message : `${message} (${where})`, hint };
}
