import { AppError } from '../../core/errors.ts';

/** What the user record was asked cannot be done. */
export class UserRecordError extends AppError<'unreadable'> {}
