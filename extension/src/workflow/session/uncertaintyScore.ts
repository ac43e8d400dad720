import { SettingsError } from '../../core/session/errors.ts';
import type { SessionSettings } from '../../core/session/types.ts';
import { UncertaintyError } from '../../core/uncertainty/errors.ts';
import { builtInScores } from '../../core/uncertainty/registry.ts';
import type { Ports } from '../ports/ports.ts';
import type { PluginScore } from '../ports/scorePlugins.ts';

/** The scores of all plug-ins that load from their current files. */
export async function pluginScores(ports: Pick<Ports, 'scorePlugins'>): Promise<readonly PluginScore[]> {
  const run = await ports.scorePlugins?.open();
  await run?.close();
  return run?.scores ?? [];
}

/**
 * Checks that the ranking score of a session exists, built in or as a plug-in, and that the settings it needs are
 * switched on. A typing mistake must not show up only after the pool was scored.
 * @throws UncertaintyError `unknown-metric`; SettingsError if a setting that the score needs is off.
 */
export async function checkUncertaintyScore(
  ports: Pick<Ports, 'scorePlugins'>,
  settings: Pick<SessionSettings, 'rankingMetric' | 'flip' | 'localisation'>,
): Promise<void> {
  const { rankingMetric } = settings;
  const builtIn = builtInScores.find(({ id }) => id === rankingMetric);
  if (builtIn !== undefined) {
    if (builtIn.needs === undefined || settings[builtIn.needs]) return;
    const message = `the score "${rankingMetric}" needs the setting "${builtIn.needs}"; switch that on too.`;
    throw new SettingsError([{ field: 'rankingMetric', message }]);
  }
  const run = await ports.scorePlugins?.open();
  await run?.close();
  const plugins = run?.scores ?? [];
  if (plugins.some(({ id }) => id === rankingMetric)) return;
  const fault = run?.faults.find(({ id }) => id === rankingMetric);
  if (fault !== undefined) {
    const { message, hint } = fault.error;
    throw new UncertaintyError('unknown-metric', `The score "${rankingMetric}" cannot be used: ${message}`, hint, {
      where: fault.file,
    });
  }
  const known = [...builtInScores, ...plugins].map(({ id }) => id).join(', ');
  throw new UncertaintyError('unknown-metric', `There is no score "${rankingMetric}".`, `Choose one of: ${known}.`, {
    where: rankingMetric,
  });
}
