import type { Ports } from '../ports/ports.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';

/** The key in a version's `performance_metrics` for the provider that scored the pool. */
const key = 'scoredOn';

/** Stores what scored the pool with a version, such as `2 CPU threads` or `GPU (torch)`. The last one counts. */
export async function storeProvider(ports: Pick<Ports, 'store'>, versionId: number, provider: string): Promise<void> {
  const metrics = (await ports.store.models.get(versionId))?.performanceMetrics;
  if (metrics === undefined || metrics[key] === provider) return;
  await ports.store.models.updateMetrics(versionId, { ...metrics, [key]: provider });
}

/** What scored the pool with a version; null if it scored no image, or was made before this was stored. */
export function scoredOn({ performanceMetrics }: Pick<ModelVersionRow, 'performanceMetrics'>): string | null {
  const provider = performanceMetrics[key];
  return typeof provider === 'string' ? provider : null;
}

/** The metrics of a version that an evaluation keeps when it replaces the rest. */
export function providerMetrics(
  version: Pick<ModelVersionRow, 'performanceMetrics'>,
): Readonly<Record<string, string>> {
  const provider = scoredOn(version);
  return provider === null ? {} : { [key]: provider };
}
