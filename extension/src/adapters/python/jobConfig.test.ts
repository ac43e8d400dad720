import { describe, expect, it } from 'vitest';
import { trainJob } from '../training/testing/runs.ts';
import { jobConfig } from './jobConfig.ts';

const size = { imageSize: 64, threads: 2 };

describe('config.json of a job', () => {
  it('of a training keeps its exact text, which an interrupted run needs to continue', () => {
    const job = trainJob([], { allowDownload: true });
    expect(JSON.stringify(jobConfig(job, 'n', { sha256: 'abc', mayRunCode: true }))).toBe(
      JSON.stringify({
        schema: 1,
        run: 's1-i1-test',
        nonce: 'n',
        job: 'train',
        dataset: 'dataset/data.yaml',
        classNames: ['scratch', 'no', '12:30'],
        weights: { source: 'yolov8n.yaml', allowDownload: true, sha256: 'abc', mayRunCode: true },
        plan: job.plan,
        seed: 0,
        device: 'cpu',
      }),
    );
  });

  it('of an export contains the weights, the size and the threads', () => {
    const job = { kind: 'export', runId: 'r', weights: 'yolov8n.pt', allowDownload: true, ...size } as const;
    expect(jobConfig(job, 'n', { sha256: 'abc' })).toEqual({
      schema: 1,
      run: 'r',
      nonce: 'n',
      job: 'export',
      weights: { source: 'yolov8n.pt', allowDownload: true, sha256: 'abc' },
      plan: size,
      device: 'cpu',
    });
  });

  it('of a quantisation lists the calibration images, and never allows a download', () => {
    const calibrationImages = ['/a.png', '/b.png'];
    const job = { kind: 'quantise', runId: 'r', model: '/m.onnx', calibrationImages, careful: true, ...size } as const;
    expect(jobConfig(job, 'n')).toMatchObject({
      job: 'quantise',
      weights: { source: '/m.onnx', allowDownload: false },
      plan: size,
      quantise: { images: calibrationImages, careful: true },
    });
  });
});
