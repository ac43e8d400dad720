export interface ModelVersionRow {
  readonly id: number;
  readonly sessionId: number;
  readonly iterationId: number;
  readonly versionNumber: number;
  readonly modelPath: string;
  readonly weightsPath: string;
  readonly performanceMetrics: Readonly<Record<string, unknown>>;
  readonly isActive: boolean;
  readonly isBest: boolean;
  readonly modelSizeMb: number;
  /** The `labelSnapshot` of the run that made it. */
  readonly labelSnapshot: string;
  readonly lineage: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
}

export type NewModelVersion = Omit<ModelVersionRow, 'id' | 'versionNumber' | 'isActive' | 'isBest' | 'createdAt'>;

export interface ModelStore {
  /** Adds version n + 1 and makes it the active one; `setBest` sets `is_best`. */
  create(model: NewModelVersion): Promise<ModelVersionRow>;
  list(sessionId: number): Promise<ModelVersionRow[]>;
  get(id: number): Promise<ModelVersionRow | null>;
  byIteration(iterationId: number): Promise<ModelVersionRow | null>;
  setActive(id: number): Promise<void>;
  setBest(id: number): Promise<void>;
  updateMetrics(id: number, metrics: Readonly<Record<string, unknown>>): Promise<void>;
}
