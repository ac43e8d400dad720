import { initialSchema } from './001initial.ts';
import { predictionKeys } from './002predictionKeys.ts';
import { perceptualHashes } from './003perceptualHash.ts';
import { scoreIndex } from './004scoreIndex.ts';
import { labelBytes } from './005labelBytes.ts';
import { folderIds } from './006folderIds.ts';
import { drafts } from './007drafts.ts';
import { validationDetections } from './008validationDetections.ts';
import { shownThresholds } from './009shownThresholds.ts';
import { labelEventGroups } from './010labelEventGroups.ts';
import { blindSamples } from './011blindSamples.ts';
import type { Migration } from './migration.ts';

/** All migrations, oldest first. The version of the last one is the schema version. */
export const migrations: readonly Migration[] = [
  initialSchema,
  predictionKeys,
  perceptualHashes,
  scoreIndex,
  labelBytes,
  folderIds,
  drafts,
  validationDetections,
  shownThresholds,
  labelEventGroups,
  blindSamples,
];
