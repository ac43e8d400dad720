/** Task type of a training, as `package.json` contributes it. */
export const trainTaskType = 'activeLearning.train';
/** The contributed background problem matcher; without one VS Code does not re-attach a task after a reload. */
export const trainProblemMatcher = '$activeLearning-trainer';

/** What identifies a training task. Name and source change over a reload, the definition does not. */
export interface TrainDefinition {
  readonly type: typeof trainTaskType;
  /** The id of the run. */
  readonly run: string;
}

export function trainDefinition(run: string): TrainDefinition {
  return { type: trainTaskType, run };
}

/** The run that a task definition names; `null` for tasks of others. */
export function runOf({ type, run }: { readonly type: string; readonly run?: unknown }): string | null {
  return type === trainTaskType && typeof run === 'string' && run !== '' ? run : null;
}
