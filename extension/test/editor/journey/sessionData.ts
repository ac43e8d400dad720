import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Detection } from '../../../src/core/detection/types.ts';
import { defaultThresholds } from '../../../src/core/detection/shownThresholds.ts';
import { shownDetections } from '../../../src/workflow/review/verdictOutcome.ts';

export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface Sample {
  readonly id: number;
  readonly verdict: string | null;
  readonly reviewSeconds: number | null;
  /** Relative to the dataset, such as `images/train/part-1.jpg`. */
  readonly path: string;
  readonly width: number;
  readonly height: number;
  /** All stored predictions. */
  readonly predicted: readonly Detection[];
  /** Predictions that the review shows: the surest of each object, from a confidence of 0.25 on. */
  readonly shown: readonly Detection[];
}

export interface Iteration {
  readonly id: number;
  readonly number: number;
  readonly status: string;
  readonly runId: string | null;
  readonly map50: number | null;
}

/** Asks the session database of a workspace, without writing. */
export class SessionData {
  readonly storage: string;

  constructor(workspace: string) {
    this.storage = join(workspace, '.active-learning');
  }

  #all(sql: string, ...values: readonly unknown[]): Record<string, unknown>[] {
    const file = join(this.storage, 'sessions.db');
    if (!existsSync(file)) return [];
    const database = new Database(file, { readonly: true });
    try {
      return database.prepare(sql).all(...values) as Record<string, unknown>[];
    } finally {
      database.close();
    }
  }

  sessions(): Record<string, unknown>[] {
    return this.#all('SELECT * FROM training_sessions ORDER BY id');
  }

  iterations(): Iteration[] {
    return this.#all('SELECT * FROM training_iterations ORDER BY iteration_number').map((row) => ({
      id: Number(row['id']),
      number: Number(row['iteration_number']),
      status: String(row['status']),
      runId: row['run_id'] === null ? null : String(row['run_id']),
      map50: row['map50'] === null ? null : Number(row['map50']),
    }));
  }

  samples(iterationId: number): Sample[] {
    const rows = this.#all(
      `SELECT sample.*, relative_path, width, height FROM uncertain_samples AS sample
       JOIN images ON images.id = image_id WHERE iteration_id = ? ORDER BY rank`,
      iterationId,
    );
    return rows.map((row) => {
      const predicted = JSON.parse(String(row['predicted_boxes'])) as Detection[];
      return {
        id: Number(row['id']),
        verdict: row['verdict'] === null ? null : String(row['verdict']),
        reviewSeconds: row['review_seconds'] === null ? null : Number(row['review_seconds']),
        path: String(row['relative_path']),
        width: Number(row['width']),
        height: Number(row['height']),
        predicted,
        shown: shownDetections({ predictedBoxes: predicted }, defaultThresholds),
      };
    });
  }

  /** The journal of label changes, oldest first. */
  labelEvents(): {
    sampleId: number | null;
    verdict: string | null;
    before: string | null;
    after: string | null;
    state: string;
  }[] {
    return this.#all('SELECT * FROM label_events ORDER BY id').map((row) => ({
      sampleId: row['sample_id'] === null ? null : Number(row['sample_id']),
      verdict: row['verdict_after'] === null ? null : String(row['verdict_after']),
      before: textOrNull(row['before']),
      after: textOrNull(row['after']),
      state: String(row['state']),
    }));
  }

  models(): Record<string, unknown>[] {
    return this.#all('SELECT * FROM model_versions ORDER BY version_number');
  }

  /** How many labelled images each iteration trained on. */
  trainedOn(): number[] {
    return this.#all('SELECT training_images_count FROM training_iterations ORDER BY iteration_number').map((row) =>
      Number(row['training_images_count']),
    );
  }

  runs(): Record<string, unknown>[] {
    return this.#all('SELECT * FROM runs ORDER BY created_at');
  }

  #runFile(runId: string, name: string): string | null {
    const file = join(this.storage, 'runs', runId, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  /** The process that trains, once it has said so. */
  trainerPid(runId: string): number | undefined {
    const text = this.#runFile(runId, 'pid');
    return text === null ? undefined : (JSON.parse(text) as { pid: number }).pid;
  }

  /** What the trainer wrote of one kind. A line that is being written is left out. */
  runEvents(runId: string, kind: string): Record<string, unknown>[] {
    const lines = (this.#runFile(runId, 'events.jsonl') ?? '').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((event) => event['kind'] === kind);
  }
}

function clamp(value: number, limit: number): number {
  return Math.min(Math.max(value, 0), limit);
}

/** A label row as the product writes it: 6 to 8 decimals. */
export function labelRow(classId: number, box: Box, image: { width: number; height: number }): string {
  const [x1, x2] = [clamp(box.x1, image.width), clamp(box.x2, image.width)];
  const [y1, y2] = [clamp(box.y1, image.height), clamp(box.y2, image.height)];
  const values = [
    (x1 + x2) / 2 / image.width,
    (y1 + y2) / 2 / image.height,
    (x2 - x1) / image.width,
    (y2 - y1) / image.height,
  ];
  return `${[classId, ...values.map((value) => value.toFixed(8).replace(/0{1,2}$/, ''))].join(' ')}\n`;
}

/** A label row as a box in pixels. */
export function boxOfRow(row: string, image: { width: number; height: number }): Box & { classId: number } {
  const [classId = 0, cx = 0, cy = 0, width = 0, height = 0] = row.trim().split(' ').map(Number);
  return {
    classId,
    x1: (cx - width / 2) * image.width,
    y1: (cy - height / 2) * image.height,
    x2: (cx + width / 2) * image.width,
    y2: (cy + height / 2) * image.height,
  };
}

function textOrNull(bytes: unknown): string | null {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('utf8') : null;
}
