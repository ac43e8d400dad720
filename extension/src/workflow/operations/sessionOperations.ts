import * as z from 'zod';
import { imageStates } from '../../core/dataset/types.ts';
import { sessionActions, type AvailableAction } from '../../core/session/actions.ts';
import { obstacleTexts } from '../../core/session/obstacles.ts';
import { settingNames, settingsJsonSchema } from '../../core/session/settings.ts';
import { iterationSteps } from '../../core/session/stateMachine.ts';
import type { AbsentImage } from '../dataset/absentImages.ts';
import {
  completeSession,
  createSession,
  deleteSession,
  duplicateSession,
  editSession,
  reopenSession,
} from '../session/sessions.ts';
import { sessionStatus, type SessionStatusView } from '../session/status.ts';
import { findSession, sessionField, sessionInput, settingsField, sourceFields, sourceOf, textField } from './fields.ts';
import { defineOperation, UsageError } from './operation.ts';
import { iterationRow, modelRow, progress, scanReport, sessionFields, sessionRow } from './rowSchemas.ts';

export const createSessionOperation = defineOperation({
  id: 'session.create',
  title: 'Create a session over a dataset',
  effect: 'long',
  input: z.object({ ...sourceFields, settings: settingsField() }),
  output: z.object({
    session: sessionRow.meta({ description: 'The fields of `list`' }),
    scan: scanReport.meta({ description: 'The fields of `move`' }),
  }),
  run: (ports, input, options) => createSession(ports, sourceOf(input), input.settings, options),
});

export const editSessionOperation = defineOperation({
  id: 'session.edit',
  title: 'Change settings of a session, from its next iteration on; completed iterations keep theirs',
  effect: 'write',
  input: z.object({ session: sessionField, settings: settingsField() }),
  output: z.looseObject({
    ...sessionFields,
    changes: z
      .array(z.object({ setting: z.string(), before: z.unknown(), after: z.unknown() }))
      .meta({ description: 'The settings that were given' }),
  }),
  async run(ports, input) {
    if (Object.keys(input.settings).length === 0) {
      throw new UsageError(
        'There is nothing to change.',
        'Name a setting, such as --epochs 80; --help lists them all.',
      );
    }
    const before = await findSession(ports, input.session);
    const session = await editSession(ports, before.id, input.settings);
    const changed = settingNames.filter((name) => name in input.settings);
    const changes = changed.map((name) => ({ setting: name, before: before[name], after: session[name] }));
    return { ...session, changes };
  },
});

export const listSessionsOperation = defineOperation({
  id: 'session.list',
  title: 'List the sessions of this workspace',
  effect: 'read',
  input: z.object({}),
  output: z.array(sessionRow),
  run: (ports) => ports.store.sessions.list(),
});

const action: z.ZodType<AvailableAction> = z.object({
  action: z.enum(sessionActions),
  enabled: z.boolean(),
  obstacle: z
    .object({
      code: z.enum(Object.keys(obstacleTexts) as (keyof typeof obstacleTexts)[]),
      values: z.array(z.union([z.number(), z.enum(iterationSteps('regular'))])),
    })
    .nullable(),
  reason: z.string().nullable().meta({ description: 'Why the action is not possible now' }),
});

const absentImage: z.ZodType<AbsentImage> = z.object({
  file: z.string(),
  isValidation: z.boolean(),
  state: z.enum(['missing', 'broken']),
  problem: z.string().nullable(),
});

export const sessionStatusOperation = defineOperation({
  id: 'session.status',
  title: 'Show iterations, metrics, review progress and what can be done next',
  effect: 'read',
  input: sessionInput,
  output: z.object({
    session: sessionRow.meta({ description: 'The fields of `list`' }),
    iterations: z.array(z.object({ iteration: iterationRow, model: modelRow.nullable(), samples: progress })).meta({
      description: 'Each iteration (the fields of `finish`), its model version, and the progress of its review',
    }),
    actions: z.array(action).meta({ description: 'What is possible now, and why the rest is not' }),
    images: z.record(z.enum(imageStates), z.int()).meta({ description: 'Images by their state' }),
    labelled: z.object({ training: z.int(), validation: z.int(), test: z.int(), toSetAside: z.int() }).meta({
      description: 'Labelled images by split; `toSetAside` of the training images will become the validation set',
    }),
    absent: z.array(absentImage).meta({ description: 'Labelled images that are missing or unreadable' }),
  }) as z.ZodType<SessionStatusView>,
  run: async (ports, { session }) => sessionStatus(ports, (await findSession(ports, session)).id),
});

export const duplicateSessionOperation = defineOperation({
  id: 'session.duplicate',
  title: 'Create a session with the dataset and settings of another one, without its iterations',
  effect: 'write',
  input: z.object({ session: sessionField, name: textField('Name of the new session') }),
  output: sessionRow,
  run: async (ports, { session, name }) => duplicateSession(ports, (await findSession(ports, session)).id, name),
});

export const completeSessionOperation = defineOperation({
  id: 'session.complete',
  title: 'Complete a session: no further iteration; export stays possible, and "reopen" opens it again',
  effect: 'write',
  input: sessionInput,
  output: sessionRow,
  run: async (ports, { session }) => completeSession(ports, (await findSession(ports, session)).id),
});

export const reopenSessionOperation = defineOperation({
  id: 'session.reopen',
  title: 'Reopen a completed session',
  effect: 'write',
  input: sessionInput,
  output: sessionRow,
  run: async (ports, { session }) => reopenSession(ports, (await findSession(ports, session)).id),
});

export const deleteSessionOperation = defineOperation({
  id: 'session.delete',
  title: 'Delete a session; images and labels stay',
  effect: 'dangerous',
  input: sessionInput,
  output: z.object({ id: z.int(), name: z.string() }),
  async run(ports, { session }) {
    const { id, name } = await findSession(ports, session);
    await deleteSession(ports, id);
    return { id, name };
  },
});

export const listSettingsOperation = defineOperation<
  Readonly<Record<string, never>>,
  Readonly<Record<string, unknown>>,
  unknown
>({
  id: 'setting.list',
  title: 'List the settings of a session; --json prints their JSON Schema',
  effect: 'read',
  input: z.object({}),
  output: z.record(z.string(), z.unknown()),
  run: () => Promise.resolve(settingsJsonSchema()),
});
