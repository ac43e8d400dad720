/** The task type of a training in `package.json`. */
export const trainTaskType = 'activeLearning.train';
/** The background problem matcher. Without one, VS Code does not re-attach a task after a reload. */
export const trainProblemMatcher = '$activeLearning-trainer';

/** Identifies a training task. Name and source may change with a reload; the definition does not. */
export interface TrainDefinition {
  readonly type: typeof trainTaskType;
  /** The id of the run. */
  readonly run: string;
}

export function trainDefinition(run: string): TrainDefinition {
  return { type: trainTaskType, run };
}

/** The run id in a task definition; `null` for tasks of other extensions. */
export function runIdOf({ type, run }: { readonly type: string; readonly run?: unknown }): string | null {
  return type === trainTaskType && typeof run === 'string' && run !== '' ? run : null;
}
