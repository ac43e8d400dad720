import { describe, expect, it } from 'vitest';
import { createChoosingInference } from '../adapters/inference/provider/chooseInference.ts';
import { fake, fakeClock, pictures } from '../adapters/inference/testing/fakeInference.ts';
import { collect, dynamicModel, options } from '../adapters/inference/testing/predictions.ts';
import type { ModelFiles } from '../workflow/ports/inference.ts';
import { gpuCandidates } from './productInference.ts';

const weights = { ...dynamicModel, weightsPath: 'best.pt' };

interface Machine {
  readonly devices?: readonly string[];
  readonly webgpu?: boolean;
  readonly torchMs?: number;
  readonly webgpuMs?: number;
}

/** What runs a pool of a minute and a half on the processor, and who was asked. */
async function provider(model: ModelFiles, { devices, webgpu = false, torchMs = 10, webgpuMs = 20 }: Machine) {
  const torch = fake('torch', { cost: torchMs, batch: 16 });
  const gpu = fake('WebGPU', { cost: webgpuMs, batch: 4 });
  const inference = createChoosingInference({
    base: fake('CPU', { cost: 300 }),
    candidates: gpuCandidates(
      () => Promise.resolve(devices === undefined ? null : { devices }),
      { torch: torch.inference, webgpu: gpu.inference },
      () => Promise.resolve(webgpu),
    ),
    now: fakeClock.now,
  });
  let last = '';
  const results = inference.predict(
    model,
    pictures(300),
    { ...options, minConfidence: 0.05 },
    undefined,
    ({ name }) => {
      last = name;
    },
  );
  expect(await collect(results)).toHaveLength(300);
  return { last, asked: [torch, gpu].filter(({ calls }) => calls > 0).length };
}

describe('the ways of the product', () => {
  it('are those that the machine has', async () => {
    expect(await provider(weights, {})).toStrictEqual({ last: 'CPU', asked: 0 });
    expect(await provider(weights, { devices: ['cpu'] })).toStrictEqual({ last: 'CPU', asked: 0 });
    expect(await provider(weights, { devices: ['cpu', '0'] })).toStrictEqual({ last: 'GPU (torch)', asked: 1 });
    expect(await provider(weights, { webgpu: true })).toStrictEqual({ last: 'GPU (WebGPU)', asked: 1 });
    const both = { devices: ['cpu', '0'], webgpu: true };
    expect(await provider(weights, both)).toStrictEqual({ last: 'GPU (torch)', asked: 2 });
    expect(await provider(weights, { ...both, torchMs: 30 })).toStrictEqual({ last: 'GPU (WebGPU)', asked: 2 });
  });

  it('are without torch where there are no weights for it', async () => {
    const machine = { devices: ['cpu', '0'], webgpu: true };
    expect(await provider(dynamicModel, machine)).toStrictEqual({ last: 'GPU (WebGPU)', asked: 1 });
    const bare = { ...dynamicModel, weightsPath: 'yolov8n.yaml' };
    expect(await provider(bare, { devices: ['0'] })).toStrictEqual({ last: 'CPU', asked: 0 });
  });
});
