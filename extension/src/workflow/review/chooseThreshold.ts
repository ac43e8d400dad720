import type { ShownThresholds } from '../../core/detection/shownThresholds.ts';
import type { Ports } from '../ports/ports.ts';
import { requireRow } from '../shared/errors.ts';

/** Stores the threshold that the reviewer chose for a batch; null returns to those of the classes. */
export async function chooseThreshold(
  ports: Pick<Ports, 'store'>,
  iterationId: number,
  chosen: number | null,
): Promise<ShownThresholds> {
  const { shownThresholds } = requireRow(await ports.store.iterations.get(iterationId), 'iteration', iterationId);
  const changed = { ...shownThresholds, chosen };
  await ports.store.iterations.update(iterationId, { shownThresholds: changed });
  return changed;
}
