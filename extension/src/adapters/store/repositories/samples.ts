import type { Verdict } from '../../../core/session/types.ts';
import type { NewSample, QueuedSample, SampleRow, SampleStore } from '../../../workflow/ports/store/samples.ts';
import type { Connection } from '../database/connection.ts';
import { detectionsSchema, scoresSchema, textsSchema, toJson, withheldSchema } from '../rows/jsonColumns.ts';
import { Row } from '../rows/row.ts';
import { StoreError } from '../storeError.ts';
import type { Synchronous } from '../synchronous.ts';
import { verdicts } from '../rows/vocabulary.ts';

function toSample(value: unknown): SampleRow {
  const row = new Row('uncertain_samples', value);
  const withheldScores = row.json('withheld', withheldSchema);
  return {
    id: row.number('id'),
    iterationId: row.number('iteration_id'),
    imageId: row.number('image_id'),
    rank: row.number('rank'),
    uncertaintyScore: row.numberOrNull('uncertainty_score'),
    confidenceVariance: row.numberOrNull('confidence_variance'),
    entropyScore: row.numberOrNull('entropy_score'),
    combinedScore: row.numberOrNull('combined_score'),
    scores: row.json('scores', scoresSchema),
    predictedBoxes: row.json('predicted_boxes', detectionsSchema),
    maxConfidence: row.numberOrNull('max_confidence'),
    minConfidence: row.numberOrNull('min_confidence'),
    reasons: row.json('reasons', textsSchema),
    ...(Object.keys(withheldScores).length === 0 ? {} : { withheldScores }),
    ...(row.boolean('blind') ? { blind: true } : {}),
    verdict: row.oneOfOrNull('verdict', verdicts),
    reviewSeconds: row.numberOrNull('review_seconds'),
    reviewedAt: row.textOrNull('reviewed_at'),
  };
}

const queuedColumns = 'image_id, verdict, review_seconds, max_confidence IS NULL AS unpredicted, iteration_id';
const queueSql = `SELECT id, ${queuedColumns} FROM uncertain_samples WHERE iteration_id = ? ORDER BY rank, id`;

function toQueued(value: unknown): QueuedSample {
  const row = new Row('uncertain_samples', value);
  return {
    id: row.number('id'),
    iterationId: row.number('iteration_id'),
    imageId: row.number('image_id'),
    verdict: row.oneOfOrNull('verdict', verdicts),
    reviewSeconds: row.numberOrNull('review_seconds'),
    unpredicted: row.number('unpredicted') === 1,
  };
}

function isVerdictOrNull(value: unknown): value is Verdict | null {
  return value === null || (typeof value === 'string' && Object.hasOwn(verdicts, value));
}

/** The repository of `uncertain_samples`. Label events write verdicts, in one transaction with the image. */
export function createSamples(connection: Connection): Synchronous<SampleStore> {
  const insert = (iterationId: number, sample: NewSample): void => {
    connection.run(
      `INSERT INTO uncertain_samples (iteration_id, image_id, rank, uncertainty_score, confidence_variance,
         entropy_score, combined_score, scores, predicted_boxes, max_confidence, min_confidence, reasons,
         withheld, blind)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      iterationId,
      sample.imageId,
      sample.rank,
      sample.uncertaintyScore,
      sample.confidenceVariance,
      sample.entropyScore,
      sample.combinedScore,
      toJson('scores', sample.scores),
      toJson('predicted_boxes', sample.predictedBoxes),
      sample.maxConfidence,
      sample.minConfidence,
      toJson('reasons', sample.reasons),
      toJson('withheld', sample.withheldScores ?? {}),
      sample.blind === true ? 1 : 0,
    );
  };
  return {
    replaceBatch: (iterationId, samples) =>
      connection.write(() => {
        // A pending event means that the label file of a verdict is being written.
        const reviewed = connection.get(
          `SELECT count(*) AS count FROM uncertain_samples AS sample WHERE iteration_id = ? AND (verdict IS NOT NULL
             OR EXISTS (SELECT 1 FROM label_events WHERE sample_id = sample.id AND state = 'pending'))`,
          iterationId,
        );
        const count = new Row('uncertain_samples', reviewed).number('count');
        if (count > 0) {
          throw new StoreError('batch-reviewed', `The batch has ${count} reviewed images and cannot be replaced`, {
            where: `training_iterations, id ${iterationId}`,
          });
        }
        connection.run('DELETE FROM uncertain_samples WHERE iteration_id = ?', iterationId);
        for (const sample of samples) {
          insert(iterationId, sample);
        }
      }),
    append: (iterationId, samples) =>
      connection.write(() => {
        const facts = connection.get(
          'SELECT coalesce(max(rank), -1) AS last FROM uncertain_samples WHERE iteration_id = ?',
          iterationId,
        );
        let rank = new Row('uncertain_samples', facts).number('last');
        let added = 0;
        for (const sample of samples) {
          const known = connection.get(
            'SELECT id FROM uncertain_samples WHERE iteration_id = ? AND image_id = ?',
            iterationId,
            sample.imageId,
          );
          if (known !== undefined) continue;
          insert(iterationId, { ...sample, rank: ++rank });
          added += 1;
        }
        return added;
      }),
    get: (id) => {
      const value = connection.get('SELECT * FROM uncertain_samples WHERE id = ?', id);
      return value === undefined ? null : toSample(value);
    },
    list: (iterationId, imageIds) =>
      imageIds === undefined
        ? connection.rows(
            toSample,
            'SELECT * FROM uncertain_samples WHERE iteration_id = ? ORDER BY rank, id',
            iterationId,
          )
        : connection.rows(
            toSample,
            `SELECT * FROM uncertain_samples WHERE iteration_id = ? AND image_id IN (SELECT value FROM json_each(?))
               ORDER BY rank, id`,
            iterationId,
            JSON.stringify(imageIds),
          ),
    queue: (iterationId) => {
      const found = connection.lists(queueSql, iterationId);
      // Tables are strict, so that only the word of a verdict can be damaged. A check of every column takes far longer.
      if (found.every(([, , verdict]) => isVerdictOrNull(verdict))) {
        return found.map(([id, imageId, verdict, seconds, unpredicted]) => ({
          id: Number(id),
          iterationId,
          imageId: Number(imageId),
          verdict: isVerdictOrNull(verdict) ? verdict : null,
          reviewSeconds: seconds === null ? null : Number(seconds),
          unpredicted: unpredicted === 1,
        }));
      }
      return connection.rows(toQueued, queueSql, iterationId);
    },
    newest: (sessionId) =>
      connection.rows(
        toQueued,
        // SQLite takes the other columns from the row of the maximum.
        `SELECT max(sample.id) AS id, ${queuedColumns} FROM uncertain_samples AS sample
           JOIN training_iterations AS iteration ON iteration.id = sample.iteration_id
           WHERE iteration.session_id = ? GROUP BY image_id ORDER BY image_id`,
        sessionId,
      ),
    progress: (iterationId) => {
      let total = 0;
      let open = 0;
      let seconds = 0;
      let timed = 0;
      let labelled = 0;
      const byVerdict: Partial<Record<Verdict, number>> = {};
      const groups = connection.all(
        `SELECT min(id) AS id, verdict, count(*) AS count, count(review_seconds) AS timed, total(review_seconds) AS seconds,
             sum(max_confidence IS NULL) AS unpredicted
           FROM uncertain_samples WHERE iteration_id = ? GROUP BY verdict`,
        iterationId,
      );
      for (const group of groups) {
        const row = new Row('uncertain_samples', group);
        const verdict = row.oneOfOrNull('verdict', verdicts);
        const count = row.number('count');
        total += count;
        seconds += row.number('seconds');
        if (verdict === null) {
          open = count;
          continue;
        }
        byVerdict[verdict] = count;
        timed += row.number('timed');
        if (verdict === 'corrected') labelled = row.number('unpredicted');
      }
      return { total, open, byVerdict, labelled, seconds, timed };
    },
    openImageIds: (datasetId) =>
      connection
        .all(
          `SELECT DISTINCT images.id AS id FROM uncertain_samples AS sample JOIN images ON images.id = sample.image_id
           JOIN training_iterations AS iteration ON iteration.id = sample.iteration_id
           WHERE sample.verdict IS NULL AND iteration.status <> 'completed' AND images.dataset_id = ?
           ORDER BY images.id`,
          datasetId,
        )
        .map((value) => new Row('images', value).number('id')),
    blindLabelled: (datasetId) =>
      connection
        .all(
          `SELECT DISTINCT images.id AS id FROM uncertain_samples AS sample JOIN images ON images.id = sample.image_id
           WHERE sample.blind = 1 AND sample.verdict IS NOT NULL AND images.dataset_id = ? AND images.state = 'labelled'
             AND images.split IN ('train', 'pool') ORDER BY images.id`,
          datasetId,
        )
        .map((value) => new Row('images', value).number('id')),
  };
}
