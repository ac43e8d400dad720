import type { Ports } from '../ports/ports.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';

/** Where a version's `performance_metrics` tell what ran it over the pool. */
const key = 'scoredOn';

/** Stores what ran a version over the pool, such as `2 CPU threads` or `GPU (torch)`; the last one stands. */
export async function storeProvider(ports: Pick<Ports, 'store'>, versionId: number, provider: string): Promise<void> {
  const metrics = (await ports.store.models.get(versionId))?.performanceMetrics;
  if (metrics === undefined || metrics[key] === provider) return;
  await ports.store.models.updateMetrics(versionId, { ...metrics, [key]: provider });
}

/** What ran a version over the pool; null where it scored no image yet, or before that was kept. */
export function scoredOn({ performanceMetrics }: Pick<ModelVersionRow, 'performanceMetrics'>): string | null {
  const provider = performanceMetrics[key];
  return typeof provider === 'string' ? provider : null;
}

/** What an evaluation must keep of a version's metrics, which it writes anew. */
export function providerMetrics(
  version: Pick<ModelVersionRow, 'performanceMetrics'>,
): Readonly<Record<string, string>> {
  const provider = scoredOn(version);
  return provider === null ? {} : { [key]: provider };
}
