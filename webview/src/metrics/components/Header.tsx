import type { ReactNode } from 'react';
import type { IterationMetrics, MetricsState } from '../../../../extension/src/protocol/metrics.ts';
import { formatRate } from '../model/format.ts';
import { validationBasis } from '../model/learningCurve.ts';
import { runOptions, runText } from '../model/statusText.ts';
import type { MetricsPanel } from '../panel/metricsPanel.ts';
import { t } from '../strings.ts';
import { Button } from '../../ui/Button.tsx';
import { Dropdown } from '../../ui/Dropdown.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Link, ProgressBar } from '../../ui/indicators.tsx';

interface HeaderProps {
  readonly panel: MetricsPanel;
  readonly state: MetricsState;
  readonly wantedRun: string | null;
  readonly exporting: boolean;
}

/** The session, the state of its training, and its best version. */
export function Header({ panel, state, wantedRun, exporting }: HeaderProps): ReactNode {
  const best = state.iterations.find(({ isBest }) => isBest);
  return (
    <header className="header">
      <div className="header-row">
        <h1>{state.sessionName}</h1>
        {best === undefined ? null : (
          <span className="best">
            <Icon name="star-full" />
            <span>{bestText(best)}</span>
          </span>
        )}
        <Button
          primary
          icon="export"
          disabled={best === undefined || exporting}
          title={best === undefined ? t('No model has been trained yet.') : ''}
          onClick={() => void panel.exportModel()}
        >
          {t('Export best model')}
        </Button>
      </div>
      {state.run === null ? null : <RunBar panel={panel} state={state} run={state.run} wantedRun={wantedRun} />}
    </header>
  );
}

/** Always shows the images and classes that a number was measured on. */
function bestText(best: IterationMetrics): string {
  if (best.map5095 === null) return t('Best version: iteration {0}', best.iterationNumber);
  const number = t('Best version: iteration {0}, mAP50-95 {1}', best.iterationNumber, formatRate(best.map5095));
  return [number, validationBasis(best)].filter((part) => part !== '').join(' · ');
}

function RunBar(props: {
  panel: MetricsPanel;
  state: MetricsState;
  run: NonNullable<MetricsState['run']>;
  wantedRun: string | null;
}): ReactNode {
  const { panel, state, run, wantedRun } = props;
  const text = runText(run);
  const newest = state.runs.at(-1);
  const training = state.iterations.find(({ status }) => status === 'training');
  const elsewhere =
    training !== undefined && newest?.iterationNumber === training.iterationNumber && newest.runId !== run.runId
      ? newest
      : undefined;
  return (
    <div className="run-bar">
      <Dropdown
        className="run-choice"
        label={t('Training to show')}
        value={wantedRun ?? run.runId}
        options={runOptions(state.runs)}
        onChange={(runId) => {
          if (runId !== '' && runId !== run.runId) void panel.openRun(runId);
        }}
      />
      <div className={`run-state run-${run.state}`}>
        <span className="run-text">
          <Icon name={stateIcons[run.state]} spin={run.state === 'running'} />
          {text}
        </span>
        {run.state === 'running' ? <ProgressBar value={run.epoch} max={run.epochs} label={text} /> : null}
      </div>
      {elsewhere === undefined ? null : (
        <span className="run-elsewhere">
          {t('Iteration {0} is training now.', elsewhere.iterationNumber)}{' '}
          <Link onClick={() => void panel.openRun(elsewhere.runId)}>{t('Show it')}</Link>
        </span>
      )}
    </div>
  );
}

const stateIcons: Readonly<Record<NonNullable<MetricsState['run']>['state'], string>> = {
  prepared: 'clock',
  running: 'loading',
  finished: 'pass',
  failed: 'error',
  cancelled: 'circle-slash',
};
