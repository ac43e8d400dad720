import type { Job } from '../../workflow/ports/job.ts';

/** The size and hash of a weights file; the trainer checks them again on loading. */
export interface ChosenWeights {
  readonly sha256?: string;
  readonly mayRunCode?: boolean;
}

/**
 * `config.json` of a job (docs/run-folder.md). The order of a training's keys is part of the contract: an interrupted run
 * continues only if its file has the same text.
 */
export function jobConfig(job: Job, nonce: string, chosen: ChosenWeights = {}) {
  const head = { schema: 1, run: job.runId, nonce, job: job.kind };
  switch (job.kind) {
    case 'train':
      return {
        ...head,
        dataset: 'dataset/data.yaml',
        classNames: job.classNames,
        weights: { source: job.weights, allowDownload: job.allowDownload, ...chosen },
        plan: job.plan,
        seed: job.seed,
        device: job.device,
      };
    case 'export':
      return {
        ...head,
        weights: { source: job.weights, allowDownload: job.allowDownload, ...chosen },
        plan: sizeOf(job),
        device: 'cpu',
      };
    case 'quantise': {
      const { calibrationImages: images, careful } = job;
      return {
        ...head,
        weights: modelOf(job, chosen),
        plan: sizeOf(job),
        quantise: { images, careful },
        device: 'cpu',
      };
    }
    case 'predict': {
      const { predictor, minConfidence, iouThreshold, maxDetections, classScoresAbove } = job;
      const { embedding, localisation, flip, batch } = job;
      return {
        ...head,
        weights: modelOf(job, chosen),
        plan: sizeOf(job),
        device: job.device,
        predict: {
          predictor,
          minConfidence,
          iouThreshold,
          maxDetections,
          classScoresAbove,
          embedding,
          localisation,
          flip,
          batch,
          endWithInput: true,
        },
      };
    }
    default:
      return job satisfies never;
  }
}

function modelOf({ model }: { readonly model: string }, chosen: ChosenWeights) {
  return { source: model, allowDownload: false, ...chosen };
}

function sizeOf({ imageSize, threads }: { readonly imageSize: number; readonly threads: number }) {
  return { imageSize, threads };
}
