import { groupsOf, leaksOf } from '../../core/duplicates/groups.ts';
import { HashedImages } from '../../core/duplicates/hashedImages.ts';
import type { NearDuplicateRequest, NearDuplicateResult } from '../../workflow/ports/selector.ts';

/** Finds near duplicates on the calling thread. */
export function runNearDuplicates({ pictures, held, embeddings }: NearDuplicateRequest): NearDuplicateResult {
  return {
    groups: groupsOf(HashedImages.of(pictures), embeddings),
    leaks: held === 0 ? [] : leaksOf(pictures, held, embeddings),
  };
}
