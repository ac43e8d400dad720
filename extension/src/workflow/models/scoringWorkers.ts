import type { Ports } from '../ports/ports.ts';
import type { ModelFiles } from '../ports/inference.ts';

const MEGABYTE = 1024 * 1024;
/** A process with its runtime, its decoder and a photograph. */
const processMb = 200;
/** What the layers of a nano model hold of an image of 640 pixels: about as much as 12 MB of its weights go with. */
const nano = { layersMb: 150, imageSize: 640, sizeMb: 12 } as const;
/** The weights lie in memory more than once while a model is loaded. */
const copies = 3;

/** Workers that may run a model at a time on this machine. */
export function scoringWorkers(ports: Pick<Ports, 'system'>, model: ModelFiles, imageSize: number): number {
  return ports.system.scoringWorkers(bytesOfWorker(model.sizeMb ?? nano.sizeMb, imageSize));
}

/**
 * About what a worker takes, bytes. Layers grow with the pixels and with the channels, weights with the square of the
 * channels.
 */
export function bytesOfWorker(sizeMb: number, imageSize: number): number {
  const layersMb = nano.layersMb * (imageSize / nano.imageSize) ** 2 * Math.sqrt(sizeMb / nano.sizeMb);
  return MEGABYTE * (processMb + layersMb + copies * sizeMb);
}
