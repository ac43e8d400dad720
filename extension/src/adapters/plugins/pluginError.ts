import { AppError } from '../../core/errors.ts';

/**
 * Why a score plug-in is switched off for a run.
 * `not-loaded`: its file is not a module, or throws while it is loaded. `not-a-metric`: its default export is not a score plug-in.
 * `id-taken`: a built-in score or another plug-in has its id. `failed`: it threw. `invalid-score`: it returned something
 * other than a number from 0 to 1. `timed-out`: it did not respond. `too-slow`: it responds, but would make scoring take
 * many times as long. `stopped`: scoring was cancelled, which is not its fault. `ended`: its thread exited or ran out of
 * memory.
 */
export type PluginFaultCode =
  | 'not-loaded'
  | 'not-a-metric'
  | 'id-taken'
  | 'failed'
  | 'invalid-score'
  | 'timed-out'
  | 'too-slow'
  | 'stopped'
  | 'ended';

/** `id-invalid`, `file-exists`: a new plug-in cannot be created. */
export type PluginErrorCode = PluginFaultCode | 'id-invalid' | 'file-exists';

/** A fault of a score plug-in, with a hint for its author. */
export class PluginError extends AppError<PluginErrorCode> {}
