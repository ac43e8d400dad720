import { z } from 'zod';
import type { ImageList } from '../../../workflow/review/imageVerdicts.ts';

/** What a panel shows. Only this survives a reload; the rest is read from the database again. */
export interface PanelIdentity {
  /** The workspace folder, as a URI. */
  readonly folder: string;
  readonly sessionId: number;
  /** The requested iteration; `null` for the newest batch. */
  readonly iterationId: number | null;
  /** A list of images to look through instead of a batch. */
  readonly list?: ImageList | undefined;
}

const id = z.int().min(1);
const imageList: z.ZodType<ImageList> = z.object({
  title: z.string().max(200),
  images: z.array(id).max(100_000),
  reasons: z
    .array(z.array(z.string().max(2000)).max(20))
    .max(100_000)
    .optional(),
  since: z.iso.datetime(),
});

const webviewState = z.object({
  identity: z.object({
    folder: z.string().min(1).max(4000),
    sessionId: id,
    iterationId: id.nullable(),
    list: imageList.optional(),
  }),
});

/** Reads the identity from the state that VS Code stored for a webview; `null` if it is invalid. */
export function identityFrom(state: unknown): PanelIdentity | null {
  const parsed = webviewState.safeParse(state);
  return parsed.success ? parsed.data.identity : null;
}

/** Identifies a panel: the same key means the same panel. */
export function identityKey({ folder, sessionId, iterationId, list }: PanelIdentity): string {
  return `${folder}\n${sessionId}\n${iterationId ?? ''}${list === undefined ? '' : `\n${list.title}\n${list.images.join()}`}`;
}
