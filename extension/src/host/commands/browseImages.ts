import type { CommandHandler } from '../context.ts';
import { isOnSamples, pickSession } from './targets.ts';

/** "Browse Images": shows the images of a session as a grid; first the pool, sorted by its score. */
export const browseImages: CommandHandler = async (host, argument) => {
  const { folder, sessionId } = await pickSession(host, argument);
  await host.panels.showGrid({ folder, sessionId }, isOnSamples(argument) ? 'batch' : undefined);
};
