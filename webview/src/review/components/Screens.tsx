import type { ReactNode } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { ProgressRing } from '../../ui/indicators.tsx';
import { perImageText, takenText } from '../format.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { countVerdicts, progressOf } from '../model/queue.ts';
import { t } from '../strings.ts';
import { lineTitle, verdictIcon, verdictTitle } from '../verdicts.ts';

/** Shown until the host has answered. */
export function Starting(): ReactNode {
  return (
    <div className="screen">
      <ProgressRing label={t('Loading…')} />
    </div>
  );
}

/** Shown if there is nothing to review. */
export function Empty(): ReactNode {
  const panel = usePanel();
  const notice = usePanelState((state) => state.host?.notice ?? null);
  return (
    <div className="screen">
      <Icon name="inbox" />
      <h1>{t('There is nothing to review')}</h1>
      <p className="muted">{notice ?? t('Samples appear here when an iteration has scored the images.')}</p>
      <Button onClick={() => void panel.requests.showMetrics()} icon="graph-line">
        {t('Show metrics')}
      </Button>
    </div>
  );
}

/** Shown if all samples have a verdict. */
export function Done(): ReactNode {
  const panel = usePanel();
  const host = usePanelState((state) => state.host);
  const busy = usePanelState((state) => state.busy !== null);
  if (host === null) return null;
  const { seconds, pace } = progressOf(host);
  const counts = [...countVerdicts(host.queue)];
  const postponed = host.queue.find((entry) => entry.verdict === 'skipped');
  return (
    <div className="screen">
      <Icon name="pass-filled" />
      <h1>{t('All samples reviewed')}</h1>
      <ul className="tally">
        {counts.map(([verdict, count]) => (
          <li key={verdict}>
            <Icon name={verdictIcon(verdict)} /> <strong>{count}</strong> {verdictTitle(verdict)}
          </li>
        ))}
      </ul>
      <p className="muted">{host.notice}</p>
      {pace === null ? null : (
        <p className="muted">
          {perImageText(pace)} · {takenText(seconds)}
        </p>
      )}
      <div className="row">
        {host.listTitle === null ? (
          <Button primary icon="play" disabled={busy} onClick={() => void panel.requests.trainNext()}>
            {t('Train next iteration')}
          </Button>
        ) : null}
        <Button icon="graph-line" disabled={busy} onClick={() => void panel.requests.showMetrics()}>
          {t('Show metrics')}
        </Button>
      </div>
      <div className="row">
        {postponed === undefined ? null : (
          <Button disabled={busy} onClick={() => panel.performer.open(postponed.sampleId)}>
            {t('Review skipped images')}
          </Button>
        )}
        {host.undo !== null ? (
          <Button
            disabled={busy}
            icon="discard"
            title={lineTitle(host.undo)}
            onClick={() => panel.performer.perform('undo')}
          >
            {t('Undo verdict')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
