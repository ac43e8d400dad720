import { describe, expect, it } from 'vitest';
import { WorkerJobs, type Job } from './jobs.ts';
import type { Stage } from './wire.ts';

function job(id: number): Job {
  return { id, image: { imageId: id, absolutePath: `/images/${id}.jpg` }, accused: null };
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

describe('the inquest after the death of a worker', () => {
  it('lays it to the image being inferred', () => {
    const { lost, retry, suspect } = holding('inferring', 'decoded', null, null).jobs.inquest(false);
    expect([numbers(lost), numbers(retry), suspect]).toStrictEqual([[1], [2, 3, 4], null]);
  });

  it('lays it to the image being decoded when none is inferred', () => {
    const { lost, retry, suspect } = holding('decoding', null).jobs.inquest(false);
    expect([numbers(lost), numbers(retry), suspect]).toStrictEqual([[1], [2], null]);
  });

  it('lays it to nobody when nothing had begun', () => {
    const { lost, retry, suspect } = holding(null, null).jobs.inquest(false);
    expect([numbers(lost), numbers(retry), suspect]).toStrictEqual([[], [1, 2], null]);
  });

  it('tries the decoded image again alone when both were under way', () => {
    const { jobs, held } = holding('inferring', 'decoding', null);
    const { lost, retry, suspect } = jobs.inquest(false);
    expect([numbers(lost), numbers(retry)]).toStrictEqual([[], [3]]);
    expect(suspect).toBe(held[1]);
    expect(suspect?.accused).toBe(held[0]);
  });

  it('clears the accused image when the suspect dies again', () => {
    const suspect = { ...job(2), accused: job(1) };
    const jobs = new WorkerJobs();
    jobs.add(suspect);
    jobs.setStage(2, 'decoding');
    expect(jobs.exclusive).toBe(true);
    const { lost, retry } = jobs.inquest(false);
    expect([numbers(lost), numbers(retry)]).toStrictEqual([[2], [1]]);
    expect(suspect.accused).toBeNull();
  });

  it('lays silence to the image being inferred, whatever is decoded', () => {
    const { lost, retry, suspect } = holding('inferring', 'decoding').jobs.inquest(true);
    expect([numbers(lost), numbers(retry), suspect]).toStrictEqual([[1], [2], null]);
  });
});
