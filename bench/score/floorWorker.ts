// One single-threaded session: what the machine allows. Images are resized and kept before the clock starts; decoding
// them again, for nothing, is part of the `decoded` run.
import { cpuOptions } from '../../extension/src/adapters/inference/onnx/detector.ts';
import { loadImageDecoder, loadOnnxRuntime } from '../../extension/src/adapters/inference/onnx/runtime.ts';
import { resampleInto } from '../../extension/src/adapters/inference/pixels/resample.ts';
import { decodeOutput } from '../../extension/src/core/detection/heads.ts';
import { planLetterbox, type Letterbox } from '../../extension/src/core/detection/letterbox.ts';
import type { FloorMessage } from './floor.ts';

interface Input {
  readonly path: string;
  readonly letterbox: Letterbox;
  readonly data: Float32Array;
}

type OpenMessage = Extract<FloorMessage, { kind: 'open' }>;

/** @returns the function that predicts all images. */
async function open({ model, imageSize, paths }: OpenMessage): Promise<(decoded: boolean) => Promise<void>> {
  const runtime = await loadOnnxRuntime();
  const decoder = await loadImageDecoder();
  const session = await runtime.InferenceSession.create(model.onnxPath, cpuOptions);
  const { info } = model;
  const { head, dynamic, stride } = info;
  const inputs: Input[] = [];
  const mode = head === 'rtdetr' ? 'stretch' : dynamic ? 'rectangle' : 'square';
  for (const path of paths) {
    const image = await decoder.decodeRgbBytes(await decoder.readImageFile(path), path);
    const letterbox = planLetterbox(image.width, image.height, dynamic ? imageSize : info.imageSize, {
      mode,
      stride,
    });
    const data = new Float32Array(3 * letterbox.width * letterbox.height);
    resampleInto(image, letterbox, data);
    inputs.push({ path, letterbox, data });
  }
  const output = info.outputs.find(({ role }) => role === 'detections')?.name;
  if (output === undefined) throw new Error(`${model.onnxPath} has no output for detections.`);
  return async (decoded) => {
    for (const { path, letterbox, data } of inputs) {
      if (decoded) await decoder.decodeRgbBytes(await decoder.readImageFile(path), path);
      const tensor = new runtime.Tensor('float32', data, [1, 3, letterbox.height, letterbox.width]);
      const outputs = await session.run({ [info.input.name]: tensor }, [output]);
      const detections = outputs[output];
      if (!(detections?.data instanceof Float32Array)) throw new Error(`${output} holds no float32 values.`);
      decodeOutput(head, detections.data, detections.dims, {
        letterbox,
        classCount: info.names.length,
        minConfidence: 0.05,
        iouThreshold: 0.7,
        maxDetections: 300,
        classScoresAbove: 0.05,
      });
    }
  };
}

let run: (decoded: boolean) => Promise<void> = () => Promise.reject(new Error('No model is open.'));

async function answer(message: FloorMessage): Promise<void> {
  if (message.kind === 'open') run = await open(message);
  else await run(message.decoded);
  process.send?.('done');
}

process.on('message', (message: FloorMessage) => void answer(message));
process.on('disconnect', () => process.exit());
