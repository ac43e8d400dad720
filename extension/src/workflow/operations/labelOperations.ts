import * as z from 'zod';
import { splits, type Split } from '../../core/dataset/types.ts';
import { findLabelErrors, type LabelFinding } from '../iteration/labelErrors.ts';
import { requireRow } from '../shared/errors.ts';
import { findSession, sessionInput } from './fields.ts';
import { defineOperation } from './operation.ts';

const split: z.ZodType<Split> = z.enum(splits);
const findingKind: z.ZodType<LabelFinding['kind']> = z.enum(['overlooked', 'placed', 'classed']);

const namedFinding = z.object({
  kind: findingKind.meta({
    description: 'An object without a label, a label in another place, or one of another class',
  }),
  className: z.string(),
  otherClassName: z.string().nullable().meta({ description: 'The class that the model sees instead' }),
  confidence: z.number().nullable(),
  box: z.object({ x1: z.number(), y1: z.number(), x2: z.number(), y2: z.number() }),
});

/** A disagreement with the names of its classes. */
export type NamedFinding = z.output<typeof namedFinding>;

export const findLabelErrorsOperation = defineOperation({
  id: 'label.errors',
  title: 'List labelled images whose labels disagree with a model that has not trained on them, the worst first',
  effect: 'long',
  input: sessionInput,
  output: z.object({
    images: z
      .array(
        z.object({
          imageId: z.int(),
          path: z.string(),
          split,
          version: z.int().meta({ description: 'The model version that judged the image' }),
          quality: z.number().meta({ description: '0 to 1' }),
          findings: z.array(namedFinding).readonly(),
        }),
      )
      .readonly(),
    judged: z.int(),
    leftOut: z.int().meta({ description: 'Images that every model version has trained on, or cannot read' }),
  }),
  async run(ports, input, options) {
    const session = await findSession(ports, input.session);
    const { classNames } = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
    const nameOf = (classId: number): string => classNames[classId] ?? String(classId);
    const { images, ...counts } = await findLabelErrors(ports, session, options);
    const named = images.map(({ findings, ...image }) => ({
      ...image,
      findings: findings.map(({ classId, otherClassId, ...finding }) => ({
        ...finding,
        className: nameOf(classId),
        otherClassName: otherClassId === null ? null : nameOf(otherClassId),
      })),
    }));
    return { images: named, ...counts };
  },
});
