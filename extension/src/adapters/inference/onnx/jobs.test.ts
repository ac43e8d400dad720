import { describe, expect, it } from 'vitest';
import { WorkerJobs, type Job } from './jobs.ts';
import type { Stage } from './wire.ts';

function job(id: number): Job {
  return { id, image: { imageId: id, absolutePath: `/images/${id}.jpg` }, inferredMeanwhile: null };
}

/** Jobs 1, 2, 3, … of a worker, each with the last stage that it reported. */
function holding(...stages: readonly (Stage | null)[]): { jobs: WorkerJobs; held: Job[] } {
  const jobs = new WorkerJobs();
  const held = stages.map((stage, index) => {
    const added = job(index + 1);
    jobs.add(added);
    if (stage !== null) jobs.setStage(added.id, stage);
    return added;
  });
  return { jobs, held };
}

const numbers = (list: readonly Job[]): number[] => list.map(({ id }) => id);

describe('the analysis of a worker crash', () => {
  it('blames the image being inferred', () => {
    const { lost, retry, retryAlone } = holding('inferring', 'decoded', null, null).jobs.analyseCrash(false);
    expect([numbers(lost), numbers(retry), retryAlone]).toStrictEqual([[1], [2, 3, 4], null]);
  });

  it('blames the image being decoded if none is being inferred', () => {
    const { lost, retry, retryAlone } = holding('decoding', null).jobs.analyseCrash(false);
    expect([numbers(lost), numbers(retry), retryAlone]).toStrictEqual([[1], [2], null]);
  });

  it('blames no image if the worker had not started on one', () => {
    const { lost, retry, retryAlone } = holding(null, null).jobs.analyseCrash(false);
    expect([numbers(lost), numbers(retry), retryAlone]).toStrictEqual([[], [1, 2], null]);
  });

  it('retries the decoded image alone if another was being inferred', () => {
    const { jobs, held } = holding('inferring', 'decoding', null);
    const { lost, retry, retryAlone } = jobs.analyseCrash(false);
    expect([numbers(lost), numbers(retry)]).toStrictEqual([[], [3]]);
    expect(retryAlone).toBe(held[1]);
    expect(retryAlone?.inferredMeanwhile).toBe(held[0]);
  });

  it('blames the decoded image if its retry crashes too, and retries the inferred one', () => {
    const retryAlone = { ...job(2), inferredMeanwhile: job(1) };
    const jobs = new WorkerJobs();
    jobs.add(retryAlone);
    jobs.setStage(2, 'decoding');
    expect(jobs.exclusive).toBe(true);
    const { lost, retry } = jobs.analyseCrash(false);
    expect([numbers(lost), numbers(retry)]).toStrictEqual([[2], [1]]);
    expect(retryAlone.inferredMeanwhile).toBeNull();
  });

  it('blames the image being inferred for a timeout, even if another is being decoded', () => {
    const { lost, retry, retryAlone } = holding('inferring', 'decoding').jobs.analyseCrash(true);
    expect([numbers(lost), numbers(retry), retryAlone]).toStrictEqual([[1], [2], null]);
  });
});
