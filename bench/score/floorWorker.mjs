// One single-threaded session: what the machine allows. Images are resized and kept before the clock starts; decoding
// them again, for nothing, is part of the `decoded` run.
import { cpuOptions } from '../../extension/src/adapters/inference/onnx/detector.ts';
import { loadImageDecoder, loadOnnxRuntime } from '../../extension/src/adapters/inference/onnx/runtime.ts';
import { resampleInto } from '../../extension/src/adapters/inference/pixels/resample.ts';
import { decodeOutput } from '../../extension/src/core/detection/heads.ts';
import { planLetterbox } from '../../extension/src/core/detection/letterbox.ts';

let session = null;
let inputs = [];
let model = null;
let runtime = null;
let decoder = null;

async function open({ model: files, imageSize, paths }) {
  runtime = await loadOnnxRuntime();
  decoder = await loadImageDecoder();
  model = files;
  session = await runtime.InferenceSession.create(files.onnxPath, cpuOptions);
  const { head, dynamic, stride } = files.info;
  const mode = head === 'rtdetr' ? 'stretch' : dynamic ? 'rectangle' : 'square';
  for (const path of paths) {
    const image = await decoder.decodeRgbBytes(await decoder.readImageFile(path), path);
    const letterbox = planLetterbox(image.width, image.height, dynamic ? imageSize : files.info.imageSize, {
      mode,
      stride,
    });
    const data = new Float32Array(3 * letterbox.width * letterbox.height);
    resampleInto(image, letterbox, data);
    inputs.push({ path, letterbox, data });
  }
}

async function run(decoded) {
  const output = model.info.outputs.find(({ role }) => role === 'detections').name;
  for (const { path, letterbox, data } of inputs) {
    if (decoded) await decoder.decodeRgbBytes(await decoder.readImageFile(path), path);
    const tensor = new runtime.Tensor('float32', data, [1, 3, letterbox.height, letterbox.width]);
    const outputs = await session.run({ [model.info.input.name]: tensor }, [output]);
    decodeOutput(model.info.head, outputs[output].data, outputs[output].dims, {
      letterbox,
      classCount: model.info.names.length,
      minConfidence: 0.05,
      iouThreshold: 0.7,
      maxDetections: 300,
      classScoresAbove: 0.05,
    });
  }
}

process.on('message', async (message) => {
  if (message.kind === 'open') await open(message);
  else await run(message.decoded);
  process.send('done');
});
process.on('disconnect', () => process.exit());
