import { AppError } from '../../core/errors.ts';

/** The user record cannot be used. */
export class UserRecordError extends AppError<'unreadable'> {}
