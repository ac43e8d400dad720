import { z } from 'zod';
import { splits } from '../../../core/dataset/types.ts';
import type { GridFromWebview, GridQueryView } from '../../../protocol/grid.ts';
import { checkMessage, type MessageSchemas } from '../shell/messageChecks.ts';

const place = z.int().min(0).max(10_000_000);
const id = z.int().min(1);
const classId = z.int().min(0).max(1e6);

const query: z.ZodType<GridQueryView> = z.strictObject({
  source: z.enum(['batch', 'pool', 'labelled', 'all', 'list', 'duplicates']),
  like: id.nullable(),
  classId: classId.nullable(),
  verdict: z
    .enum(['accepted', 'corrected', 'rejected-background', 'rejected-unusable', 'rejected-later', 'skipped', 'none'])
    .nullable(),
  split: z.enum(splits).nullable(),
  folder: z.strictObject({ rootId: id, path: z.string().max(4000) }).nullable(),
  order: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('source') }),
    z.strictObject({ kind: z.literal('path') }),
    z.strictObject({ kind: z.literal('score'), metric: z.string().max(200) }),
    z.strictObject({ kind: z.literal('class'), classId }),
  ]),
  reversed: z.boolean(),
});

/** Ranges of places. More than this many cannot come from a person. */
const places = z.array(z.tuple([place, place])).max(10_000);

const schemas: MessageSchemas<GridFromWebview['requests']> = {
  'grid/ready': z.null(),
  'grid/query': query,
  'grid/cells': z.strictObject({ token: z.int(), first: place, count: z.int().min(1).max(200) }),
  'grid/thumbnails': z.strictObject({ imageIds: z.array(id).max(1000) }),
  'grid/judge': z.strictObject({
    token: z.int(),
    places,
    verdict: z.enum(['accepted', 'rejected-background', 'rejected-unusable', 'rejected-later']),
  }),
  'grid/undo': z.null(),
  'grid/queue': z.strictObject({ token: z.int(), places }),
  'grid/open': z.strictObject({ token: z.int(), place, places }),
};

/** Validates a message of a grid page. @throws MessageError */
export function checkGridMessage(type: string, payload: unknown): unknown {
  return checkMessage(schemas, type, payload);
}
