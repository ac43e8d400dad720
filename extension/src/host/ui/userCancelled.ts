import { AppError } from '../../core/errors.ts';

/** The person left a question open: the command ends without a word. */
export class Dismissed extends AppError<'cancelled'> {
  constructor() {
    super('cancelled', 'Stopped on request.', 'Run the command again when you like.');
  }
}
