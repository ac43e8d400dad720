import { isSystemError, systemErrorReport } from './systemErrors.ts';

/**
 * The one shape of every failure that a user may meet: what happened (`message`), a stable `code`,
 * where (`where`: a file, a row, a session) and what to do about it (`hint`).
 * Each part of the code derives its own classes, so that a caller can distinguish them with `instanceof`.
 */
export class AppError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string;
  readonly where: string | undefined;

  constructor(code: Code, message: string, hint: string, options: { where?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
    this.where = options.where;
  }
}

/** An `AppError` as plain data, for crossing a process, thread or webview boundary. */
export interface ErrorReport {
  name: string;
  code: string;
  message: string;
  hint: string;
  where?: string;
}

/** Any thrown value as an `ErrorReport`; one of the operating system becomes code `system`, an unknown one `unexpected`. */
export function toErrorReport(error: unknown): ErrorReport {
  if (error instanceof AppError) {
    return {
      name: error.name,
      code: error.code,
      message: error.message,
      hint: error.hint,
      ...(error.where === undefined ? {} : { where: error.where }),
    };
  }
  if (isSystemError(error)) return { name: 'SystemError', code: 'system', ...systemErrorReport(error) };
  const message = error instanceof Error ? error.message : String(error);
  return { name: 'Error', code: 'unexpected', message, hint: 'Please report this with the log.' };
}
