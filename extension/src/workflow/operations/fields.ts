import * as z from 'zod';
import type { DatasetSource } from '../../core/dataset/types.ts';
import { sessionSettings } from '../../core/session/sessionSettings.ts';
import type { Setting } from '../../core/session/setting.ts';
import { settingNames } from '../../core/session/settings.ts';
import type { SessionSettings, SettingName } from '../../core/session/types.ts';
import type { Ports } from '../ports/ports.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { currentIteration } from '../session/sessions.ts';
import { requireRow } from '../shared/errors.ts';
import { UsageError } from './operation.ts';

export function textField(description: string) {
  return z.string().meta({ description });
}

/** An absolute path. */
export function pathField(description: string) {
  return z.string().min(1).meta({ description, format: 'path' });
}

export function toggleField(description: string) {
  return z.boolean().optional().meta({ description });
}

export function countField(min: number, description: string) {
  return z.int().min(min).meta({ description });
}

/** The session by its number or name. */
export const sessionField = z
  .union([z.int(), z.string()])
  .optional()
  .meta({ description: 'Number or name of the session; required if there are several' });

export const sessionInput = z.object({ session: sessionField });

/** Settings of a session, all optional. */
export function settingsField(names: readonly SettingName[] = settingNames): z.ZodType<Partial<SessionSettings>> {
  const fields = names.map((name) => {
    const { schema, title, help }: Setting = sessionSettings[name];
    return [name, schema.optional().meta({ title, description: `${help}.` })] as const;
  });
  return z.strictObject(Object.fromEntries(fields)).meta({ description: 'Settings; the rest keep their values' });
}

export const sourceFields = {
  data: pathField('The data.yaml, or a folder of images'),
  class: z
    .array(z.string())
    .optional()
    .meta({ description: 'Class names in the order of their ids, if the dataset is a folder of images' }),
  pool: z.array(pathField('Folder')).optional().meta({ description: 'Further folders of unlabelled images' }),
};

export function sourceOf(input: z.output<z.ZodObject<typeof sourceFields>>): DatasetSource {
  const { data: path, class: classNames = [], pool: poolFolders = [] } = input;
  if (/\.ya?ml$/i.test(path)) return { kind: 'yaml', path, poolFolders };
  if (classNames.some((name) => name.includes('\uFFFD'))) {
    throw new UsageError('A --class is not UTF-8.', 'Set the terminal to UTF-8, or write the names into a data.yaml.');
  }
  return { kind: 'folder', path, classNames, poolFolders };
}

/** The input that names a source. */
export function sourceInput(source: DatasetSource): z.output<z.ZodObject<typeof sourceFields>> {
  const { path: data, poolFolders } = source;
  const pool = [...poolFolders];
  return source.kind === 'yaml' ? { data, pool } : { data, pool, class: [...source.classNames] };
}

/** The session with this number or name, or the only one. @throws UsageError */
export async function findSession(ports: Ports, reference: number | string | undefined): Promise<SessionRow> {
  if (typeof reference === 'number') return requireRow(await ports.store.sessions.get(reference), 'session', reference);
  const sessions = await ports.store.sessions.list();
  const names = sessions.map((session) => `${session.id} "${session.name}"`).join(', ');
  if (reference === undefined) {
    const [only, ...others] = sessions;
    if (only && others.length === 0) return only;
    throw new UsageError(
      only ? `Which session? There are ${names}.` : 'There is no session here.',
      only ? 'Add --session with its number or name.' : 'Create one with "create --data <data.yaml> --name <name>".',
    );
  }
  const session = sessions.find((row) => String(row.id) === reference || row.name === reference);
  if (session) return session;
  throw new UsageError(`There is no session "${reference}"${names ? `; there are ${names}` : ''}.`);
}

/** The newest iteration of a session: the one under review, if any. @throws UsageError */
export async function newestIteration(ports: Ports, session: SessionRow): Promise<IterationRow> {
  const iteration = await currentIteration(ports, session.id);
  if (iteration) return iteration;
  throw new UsageError(`Session "${session.name}" has no iteration yet.`, 'Start one with "run".');
}

/** The input that names an iteration. */
export const iterationInput = {
  session: sessionField,
  iteration: countField(1, 'Id of the iteration; the newest by default').optional(),
};

/**
 * The id of the named iteration, or of the session's newest. A caller that has asked the user about an iteration names it:
 * another window may have started the next one meanwhile.
 * @throws UsageError if the session has no iteration.
 */
export async function findIterationId(
  ports: Ports,
  { session, iteration }: { readonly session?: number | string | undefined; readonly iteration?: number | undefined },
): Promise<number> {
  return iteration ?? (await newestIteration(ports, await findSession(ports, session))).id;
}
