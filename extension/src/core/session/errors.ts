import { AppError, type ErrorReport } from '../errors.ts';

/** One invalid setting, and why. */
export interface SettingProblem {
  readonly field: string;
  readonly message: string;
}

/** Invalid settings: all of them at once, so that a form can mark each. */
export class SettingsError extends AppError<'settings-invalid'> {
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(
      'settings-invalid',
      problems.map(({ field, message }) => `${field}: ${message}`).join('\n'),
      problems.length === 1 ? 'Change this setting and try again.' : 'Change these settings and try again.',
    );
    this.problems = problems;
  }
}

/** A transition that the state machine does not allow. */
export class SessionStateError extends AppError<'illegal-transition' | 'not-resumable'> {}

/**
 * A training that cannot start or did not succeed. Codes of the trainer itself are listed in docs/run-folder.md
 * (`weights-missing`, `out-of-memory`, …). Further ones: `python-missing`, `python-too-old`, `packages-missing`,
 * `trainer-broken` (the environment); `dataset-invalid`, `disk-full`, `read-only`, `run-folder-unusable`,
 * `run-conflict` (preparing); `run-missing`, `run-over`, `trainer-not-started` (starting); `trainer-died`,
 * `result-invalid` (following); `cancel-failed` (cancelling).
 */
export class TrainingError extends AppError {}

/** The failure that a trainer reported, as an error with the same code and hint. */
export function trainingErrorFromReport(report: ErrorReport): TrainingError {
  return new TrainingError(
    report.code,
    report.message,
    report.hint,
    report.where === undefined ? {} : { where: report.where },
  );
}
