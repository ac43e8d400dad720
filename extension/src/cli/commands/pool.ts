import {
  poolOrders,
  poolPage,
  type PoolImage,
  type PoolOrder,
  type PoolOrders,
} from '../../workflow/session/poolPage.ts';
import type { Command, Flags } from '../command.ts';
import { numberFlag, textFlag, UsageError } from '../flags.ts';
import { table } from '../output.ts';
import { chosenSession, inWorkspace, workspaceOptions } from '../session.ts';

const defaultPage = 100;

export const poolCommand: Command = {
  name: 'pool',
  usage:
    'pool [--by <score>] [--class <name>] [--page-size <images>] [--after <key>] [--session <number or name>] [--json]',
  summary: 'List the scored images, the highest score or the most expected objects of a class first, page by page',
  options: {
    ...workspaceOptions,
    by: { type: 'string' },
    class: { type: 'string' },
    'page-size': { type: 'string' },
    after: { type: 'string' },
  },
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports) => {
      const session = await chosenSession(ports, flags);
      const orders = await poolOrders(ports, session.id);
      if (orders === null) throw new UsageError('No image is scored yet.', 'Train an iteration first: run.');
      const order = orderFrom(flags, orders, session.rankingMetric);
      const size = numberFlag(flags, 'page-size', 1) ?? defaultPage;
      const page = await poolPage(ports, orders, order, { size, after: textFlag(flags, 'after') });
      const version = orders.version.versionNumber;
      if (flags['json'] === true) {
        terminal.print(JSON.stringify({ version, order, ...page }));
        return 0;
      }
      const head = [order.kind === 'score' ? order.metric : 'expected', 'image', 'state', 'expected objects'];
      terminal.print(table(head, page.images.map(row)));
      terminal.note(`Scored by model version ${version}.`);
      if (page.next !== null) terminal.note(`There are more: add --after ${page.next}`);
      return 0;
    }),
};

function orderFrom(flags: Flags, { metrics, classNames }: PoolOrders, usual: string): PoolOrder {
  const [by, name] = [textFlag(flags, 'by'), textFlag(flags, 'class')];
  if (by !== undefined && name !== undefined) {
    throw new UsageError('--by and --class give two orders.', 'Leave one of them out.');
  }
  if (name !== undefined) {
    const classId = classNames.indexOf(name);
    if (classId >= 0) return { kind: 'class', classId };
    throw new UsageError(`There is no class "${name}".`, `The classes are ${classNames.join(', ')}.`);
  }
  const metric = by ?? usual;
  if (metrics.includes(metric) || metrics.length === 0) return { kind: 'score', metric };
  throw new UsageError(`No image has the score "${metric}".`, `Choose one with --by: ${metrics.join(', ')}.`);
}

function row({ value, path, state, expected }: PoolImage): readonly (string | number)[] {
  return [value, path, state, expected.map(({ className, count }) => `${count.toFixed(1)} ${className}`).join(', ')];
}
