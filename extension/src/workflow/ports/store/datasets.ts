import type { DatasetSource } from '../../../core/dataset/types.ts';

export interface DatasetRow {
  readonly id: number;
  readonly source: DatasetSource;
  readonly classNames: readonly string[];
  readonly createdAt: string;
  /** The product has drawn the validation set, since the dataset has none; false before the first training. */
  readonly validationDrawn: boolean;
}

export interface RootRow {
  readonly id: number;
  readonly datasetId: number;
  readonly path: string;
  readonly kind: 'dataset' | 'pool';
}

export interface ValidationRevision {
  readonly id: number;
  readonly datasetId: number;
  /** Counts from 1 within a dataset. */
  readonly number: number;
  readonly createdAt: string;
  readonly members: readonly ValidationMember[];
}

export interface ValidationMember {
  readonly imageId: number;
  /** Label hash at the time of the revision. */
  readonly labelHash: string;
}

export interface DatasetStore {
  create(source: DatasetSource, classNames: readonly string[]): Promise<DatasetRow>;
  get(id: number): Promise<DatasetRow | null>;
  list(): Promise<DatasetRow[]>;
  update(
    id: number,
    change: { source?: DatasetSource; classNames?: readonly string[]; validationDrawn?: boolean },
  ): Promise<void>;
  /** Finds or adds a root. */
  addRoot(datasetId: number, path: string, kind: 'dataset' | 'pool'): Promise<RootRow>;
  roots(datasetId: number): Promise<RootRow[]>;
  /** A moved dataset is one row. */
  moveRoot(rootId: number, path: string): Promise<void>;
  latestRevision(datasetId: number): Promise<ValidationRevision | null>;
  revision(id: number): Promise<ValidationRevision | null>;
  /** Adds revision n + 1. */
  addRevision(datasetId: number, members: readonly ValidationMember[]): Promise<ValidationRevision>;
}
