import { parentPort, workerData } from 'node:worker_threads';
import type { MetricContext, MetricImage, MetricPlugin } from '../../../plugin/metric.d.ts';
import { iou } from '../../core/detection/iou.ts';
import { aggregate } from '../../core/uncertainty/aggregation.ts';
import { binaryEntropy } from '../../core/uncertainty/binaryEntropy.ts';
import { decisionScore } from '../../core/uncertainty/decisionScore.ts';
import type { FromPlugin, PluginThreadData, ToPlugin, WireContext } from './pluginWire.ts';

/* The entry of a plug-in's thread: loads one file, then answers calls one after the other. */

type Port = NonNullable<typeof parentPort>;
type Failure = Extract<FromPlugin, { kind: 'failed' }>;

async function serve(port: Port, { url, progress }: PluginThreadData): Promise<void> {
  const say = (message: FromPlugin): void => port.postMessage(message);
  let plugin: MetricPlugin;
  try {
    const module = (await import(url)) as { readonly default?: unknown };
    const problem = problemOf(module.default);
    if (problem !== null) return say({ kind: 'refused', code: 'not-a-metric', message: problem });
    plugin = module.default as MetricPlugin;
  } catch (error) {
    return say({ kind: 'refused', code: 'not-loaded', message: textOf(error) });
  }
  const { id, title = id, description = '' } = plugin;
  const at = new Int32Array(progress);
  // Calls come one after the other; the parent waits for each answer.
  port.on('message', (call: ToPlugin) => {
    void answer(plugin, call, at).then((reply) =>
      port.postMessage(reply, reply.kind === 'scores' ? [reply.values.buffer as ArrayBuffer] : []),
    );
  });
  say({ kind: 'loaded', id, title: String(title), description: String(description) });
}

async function answer(
  plugin: MetricPlugin,
  { images, context }: ToPlugin,
  at: Int32Array,
): Promise<Extract<FromPlugin, { kind: 'scores' | 'failed' }>> {
  const tools = toolsOf(context);
  const values = new Float64Array(images.length);
  for (const [index, image] of images.entries()) {
    Atomics.store(at, 0, index);
    try {
      const given = plugin.compute(image satisfies MetricImage, tools);
      // Waiting costs a turn of the event loop, which most metrics do not need.
      const value: unknown = given instanceof Promise ? await given : given;
      if (value === null) values[index] = Number.NaN;
      else if (typeof value === 'number' && value >= 0 && value <= 1) values[index] = value;
      else return wrongScore(value, index);
    } catch (error) {
      return { kind: 'failed', code: 'failed', message: `It threw: ${textOf(error)}`, index };
    }
  }
  return { kind: 'scores', values };
}

function wrongScore(value: unknown, index: number): Failure {
  const what = typeof value === 'number' ? String(value) : `something of the type ${typeof value}`;
  const message = `It returned ${what}; a score is a number from 0 to 1, or null.`;
  return { kind: 'failed', code: 'invalid-score', message, index };
}

function toolsOf(context: WireContext): MetricContext {
  const { aggregation, threshold } = context;
  return {
    ...context,
    aggregate: (values) => aggregate(values, aggregation),
    entropy: binaryEntropy,
    decisionScore: (confidence) => decisionScore(confidence, threshold),
    iou,
  };
}

function problemOf(exported: unknown): string | null {
  if (typeof exported !== 'object' || exported === null) return 'It has no default export that is a metric.';
  if (!('id' in exported) || typeof exported.id !== 'string') return 'Its default export has no "id" that is a text.';
  if (!('compute' in exported) || typeof exported.compute !== 'function') {
    return 'Its default export has no function "compute".';
  }
  return null;
}

/** With the first line of its own in the stack, which is where the author must look. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = /\bfile:\/\/[^\s)]*\/(?<place>[^/\s)]+:\d+):\d+/.exec(error.stack ?? '')?.groups?.['place'];
  return place === undefined ? `${error.name}: ${error.message}` : `${error.name}: ${error.message} (${place})`;
}

if (parentPort !== null) await serve(parentPort, workerData as PluginThreadData);
