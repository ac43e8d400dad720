import type { Host } from '../context.ts';

/** Does what a command says. `argument` is a tree item, a session reference, or nothing. */
export type CommandHandler = (host: Host, argument: unknown) => Promise<void>;
