import { python } from '../../scripts/begin/paths.mjs';
import { startFloor } from './floor.mjs';
import { shareOfSquare } from './images.ts';
import { openOurs } from './ours.ts';
import { startPeer } from './peer.ts';
import { inTurns, median, ratioOf, round3 } from './statistics.ts';

/** Scores one set of images by the product, by what the machine allows, and by Ultralytics, in turns. */
export async function compare({ paths, model, imageSize, threads, folder, rounds, productPaths }) {
  const ours = await openOurs({ folder, paths, model, imageSize, productPaths });
  const floor = await startFloor({ model, imageSize, threads, paths });
  const peer = await startPeer({ python, model, imageSize, threads });
  const contenders = {
    ours: async () => (await ours.run()).seconds,
    floor: () => floor.run({ decoded: true }),
    network: () => floor.run({ decoded: false }),
    onnx: () => peer.run('onnx', paths),
    ...(peer.hasPytorch ? { pytorch: () => peer.run('pytorch', paths) } : {}),
  };
  let seconds;
  try {
    seconds = await inTurns(contenders, rounds);
  } finally {
    await ours.close();
    floor.close();
    peer.close();
  }
  const rate = (name) => (seconds[name] ? round3(paths.length / median(seconds[name])) : null);
  const ratio = (other) => (seconds[other] ? round3(ratioOf(seconds, other, 'ours')) : null);
  return {
    images: paths.length,
    rounds,
    shareOfSquare: round3(await shareOfSquare(paths, model, imageSize)),
    imagesPerSecond: rate('ours'),
    ratioToFloor: ratio('floor'),
    ratioToNetwork: ratio('network'),
    ratioToUltralyticsOnnx: ratio('onnx'),
    ratioToUltralyticsPytorch: ratio('pytorch'),
    floorImagesPerSecond: rate('floor'),
    networkImagesPerSecond: rate('network'),
    ultralyticsOnnxImagesPerSecond: rate('onnx'),
    ultralyticsPytorchImagesPerSecond: rate('pytorch'),
    seconds: Object.fromEntries(Object.entries(seconds).map(([name, list]) => [name, list.map(round3)])),
  };
}

/** The figures of `compare`, and of the int8 model if there are any, as a person reads them. */
export function readable(name, set) {
  return [
    `${name}: ${set.imagesPerSecond.toFixed(1)} images/s, ${set.images} images, median of ${set.rounds} rounds`,
    `  the machine: network and decoding   ${ratioText(set.floorImagesPerSecond, set.ratioToFloor)}`,
    `  the same without image files        ${ratioText(set.networkImagesPerSecond, set.ratioToNetwork)}`,
    `  Ultralytics, ONNX                   ${ratioText(set.ultralyticsOnnxImagesPerSecond, set.ratioToUltralyticsOnnx)}`,
    `  Ultralytics, PyTorch                ${ratioText(set.ultralyticsPytorchImagesPerSecond, set.ratioToUltralyticsPytorch)}`,
    ...fastText(set.fast),
  ].join('\n');
}

function ratioText(rate, ratio) {
  return rate === null ? 'not measured' : `${rate.toFixed(1)} images/s, ours is ${ratio.toFixed(2)} of it`;
}

function fastText(fast) {
  if (fast === undefined) return [];
  if (fast === null)
    return ['  int8 model                          not measured: too few images beside those measured'];
  const { ratioToFp32, rankCorrelation, map5095Delta, used, reason, truth } = fast;
  return [
    `  int8 model                          ${ratioToFp32.toFixed(2)} times the speed, ranks ${rankCorrelation}, mAP50-95 ${map5095Delta}`,
    `    ${used ? 'used' : 'not used'}: ${reason}; the truth: ${truth}`,
  ];
}
