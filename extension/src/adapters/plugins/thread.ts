import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { MetricContext, MetricImage, MetricPlugin } from '../../../plugin/metric.d.ts';
import { iou } from '../../core/detection/iou.ts';
import { aggregate } from '../../core/uncertainty/aggregation.ts';
import { binaryEntropy } from '../../core/uncertainty/binaryEntropy.ts';
import { decisionScore } from '../../core/uncertainty/decisionScore.ts';
import { answerLater, startId, type ThreadCall } from '../platform/threadRpc.ts';
import { PluginError } from './pluginError.ts';
import type { LoadedPlugin, PluginThreadData, ScoreRequest, WireContext } from './pluginWire.ts';

/* The entry point of a plug-in's thread: loads one file, then runs calls sequentially. */

async function serve(port: MessagePort, { url, progress }: PluginThreadData): Promise<void> {
  let plugin: MetricPlugin | null = null;
  await answerLater(port, startId, async (): Promise<LoadedPlugin> => {
    plugin = await load(url);
    const { id, title = id, description = '' } = plugin;
    return { id, title: String(title), description: String(description) };
  });
  if (plugin === null) return;
  const loaded: MetricPlugin = plugin;
  const at = new Int32Array(progress);
  // Calls do not overlap: the parent waits for each response.
  port.on('message', ({ id, values: [request] }: ThreadCall) => {
    const work = () => score(loaded, request as ScoreRequest, at);
    void answerLater(port, id, work, (values) => [values.buffer as ArrayBuffer]);
  });
}

/** @throws PluginError `not-loaded`, `not-a-metric`. */
async function load(url: string): Promise<MetricPlugin> {
  let exported: unknown;
  try {
    exported = ((await import(url)) as { readonly default?: unknown }).default;
  } catch (error) {
    throw new PluginError('not-loaded', textOf(error), '');
  }
  const problem = problemOf(exported);
  if (problem !== null) throw new PluginError('not-a-metric', problem, '');
  return exported as MetricPlugin;
}

/** @throws PluginError `failed`, `invalid-score` with the image in the message. */
async function score(plugin: MetricPlugin, { images, context }: ScoreRequest, at: Int32Array): Promise<Float64Array> {
  const tools = toolsOf(context);
  const values = new Float64Array(images.length);
  for (const [index, image] of images.entries()) {
    Atomics.store(at, 0, index);
    let value: unknown;
    try {
      const given = plugin.compute(image satisfies MetricImage, tools);
      // Await only promises: an `await` costs a turn of the event loop.
      value = given instanceof Promise ? await given : given;
    } catch (error) {
      throw new PluginError('failed', `It threw: ${textOf(error)} The image was ${image.path}.`, '');
    }
    if (value === null) values[index] = Number.NaN;
    else if (typeof value === 'number' && value >= 0 && value <= 1) values[index] = value;
    else throw wrongScore(value, image.path);
  }
  return values;
}

function wrongScore(value: unknown, path: string): PluginError {
  const what = typeof value === 'number' ? String(value) : `something of the type ${typeof value}`;
  const message = `It returned ${what}; a score is a number from 0 to 1, or null. The image was ${path}.`;
  return new PluginError('invalid-score', message, '');
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
  if (typeof exported !== 'object' || exported === null) return 'It has no default export that is a score plug-in.';
  if (!('id' in exported) || typeof exported.id !== 'string') return 'Its default export has no "id" that is a text.';
  if (!('compute' in exported) || typeof exported.compute !== 'function') {
    return 'Its default export has no function "compute".';
  }
  return null;
}

/** The message with the first stack line in the plug-in, which its author must fix. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = /\bfile:\/\/[^\s)]*\/(?<place>[^/\s)]+:\d+):\d+/.exec(error.stack ?? '')?.groups?.['place'];
  return place === undefined ? `${error.name}: ${error.message}` : `${error.name}: ${error.message} (${place})`;
}

if (parentPort !== null) await serve(parentPort, workerData as PluginThreadData);
