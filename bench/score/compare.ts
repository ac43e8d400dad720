import { python } from '../../scripts/begin/paths.mjs';
import type { FastFigures, MeasuredSet, SetFigures } from './figures.ts';
import { startFloor } from './floor.ts';
import { shareOfSquare } from './images.ts';
import { openOurs } from './ours.ts';
import { startPeer } from './peer.ts';
import { inTurns, median, ratioOf, round3 } from './statistics.ts';

/** Scores one set of images by the product, by what the machine allows, and by Ultralytics, in turns. */
export async function compare(set: MeasuredSet): Promise<SetFigures> {
  const { paths, model, imageSize, threads, folder, rounds, productPaths } = set;
  const ours = await openOurs({ folder, paths, model, imageSize, productPaths });
  const floor = await startFloor({ model, imageSize, threads, paths });
  const peer = await startPeer({ python, model, imageSize, threads });
  const everyone = {
    ours: async () => (await ours.run()).seconds,
    floor: () => floor.run({ decoded: true }),
    network: () => floor.run({ decoded: false }),
    onnx: () => peer.run('onnx', paths),
  };
  const withPytorch = { ...everyone, pytorch: () => peer.run('pytorch', paths) };
  type Contender = keyof typeof withPytorch;
  let seconds: Record<Exclude<Contender, 'pytorch'>, number[]> & Partial<Record<'pytorch', number[]>>;
  try {
    seconds = await (peer.hasPytorch ? inTurns(withPytorch, rounds) : inTurns(everyone, rounds));
  } finally {
    await ours.close();
    floor.close();
    peer.close();
  }
  const { pytorch } = seconds;
  const rateOf = (taken: readonly number[]): number => round3(paths.length / median(taken));
  const ratioTo = (taken: readonly number[]): number =>
    round3(ratioOf({ ours: seconds.ours, other: taken }, 'other', 'ours'));
  return {
    images: paths.length,
    rounds,
    shareOfSquare: round3(await shareOfSquare(paths, model, imageSize)),
    imagesPerSecond: rateOf(seconds.ours),
    ratioToFloor: ratioTo(seconds.floor),
    ratioToNetwork: ratioTo(seconds.network),
    ratioToUltralyticsOnnx: ratioTo(seconds.onnx),
    ratioToUltralyticsPytorch: pytorch === undefined ? null : ratioTo(pytorch),
    floorImagesPerSecond: rateOf(seconds.floor),
    networkImagesPerSecond: rateOf(seconds.network),
    ultralyticsOnnxImagesPerSecond: rateOf(seconds.onnx),
    ultralyticsPytorchImagesPerSecond: pytorch === undefined ? null : rateOf(pytorch),
    seconds: Object.fromEntries(Object.entries(seconds).map(([name, list]) => [name, list.map((one) => round3(one))])),
  };
}

/** The figures of `compare`, and of the int8 model if there are any, as a person reads them. */
export function readable(name: string, set: SetFigures): string {
  return [
    `${name}: ${set.imagesPerSecond.toFixed(1)} images/s, ${set.images} images, median of ${set.rounds} rounds`,
    `  the machine: network and decoding   ${ratioText(set.floorImagesPerSecond, set.ratioToFloor)}`,
    `  the same without image files        ${ratioText(set.networkImagesPerSecond, set.ratioToNetwork)}`,
    `  Ultralytics, ONNX                   ${ratioText(set.ultralyticsOnnxImagesPerSecond, set.ratioToUltralyticsOnnx)}`,
    `  Ultralytics, PyTorch                ${ratioText(set.ultralyticsPytorchImagesPerSecond, set.ratioToUltralyticsPytorch)}`,
    ...fastText(set.fast),
  ].join('\n');
}

function ratioText(rate: number | null, ratio: number | null): string {
  return rate === null || ratio === null
    ? 'not measured'
    : `${rate.toFixed(1)} images/s, ours is ${ratio.toFixed(2)} of it`;
}

function fastText(fast: FastFigures | null | undefined): string[] {
  if (fast === undefined) return [];
  if (fast === null)
    return ['  int8 model                          not measured: too few images beside those measured'];
  const { ratioToFp32, rankCorrelation, map5095Delta, used, reason, truth } = fast;
  return [
    `  int8 model                          ${ratioToFp32.toFixed(2)} times the speed, ranks ${rankCorrelation}, mAP50-95 ${map5095Delta}`,
    `    ${used ? 'used' : 'not used'}: ${reason}; the truth: ${truth}`,
  ];
}
