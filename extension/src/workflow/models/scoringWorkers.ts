import type { Ports } from '../ports/ports.ts';
import type { ModelFiles } from '../ports/inference.ts';

const MEGABYTE = 1024 * 1024;
/** A process with its runtime, its decoder and a photograph. */
const processMb = 200;
/** Memory of a nano model's layers for an image of 640 pixels; its weights take about 12 MB. */
const nano = { layersMb: 150, imageSize: 640, sizeMb: 12 } as const;
/** While a model is loaded, its weights are in memory more than once. */
const copies = 3;

/** Number of workers that may run a model at the same time on this machine. */
export function scoringWorkers(ports: Pick<Ports, 'system'>, model: ModelFiles, imageSize: number): number {
  return ports.system.scoringWorkers(bytesOfWorker(model.sizeMb ?? nano.sizeMb, imageSize));
}

/**
 * Approximate memory of a worker in bytes. Layers grow with the pixels and the channels, weights with the square of the
 * channels.
 */
export function bytesOfWorker(sizeMb: number, imageSize: number): number {
  const layersMb = nano.layersMb * (imageSize / nano.imageSize) ** 2 * Math.sqrt(sizeMb / nano.sizeMb);
  return MEGABYTE * (processMb + layersMb + copies * sizeMb);
}
