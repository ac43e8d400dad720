import type { ReactNode } from 'react';
import { Icon } from '../../ui/Icon.tsx';
import { ProgressBar } from '../../ui/indicators.tsx';
import { duration } from '../format.ts';
import { usePanelState } from '../hooks/usePanel.ts';
import { progressOf } from '../model/queue.ts';
import { median } from '../model/reviewClock.ts';
import { isDone } from '../model/state.ts';
import { plural, t } from '../strings.ts';
import { verdictIcon, verdictTitle } from '../verdicts.ts';

/** With fewer verdicts, the median is no basis for an estimate. */
const minVerdictsForEstimate = 3;

export function Header(): ReactNode {
  const host = usePanelState((state) => state.host);
  const seconds = usePanelState((state) => state.seconds);
  const done = usePanelState(isDone);
  if (host === null) return null;
  const { done: judged, total, left, position } = progressOf(host);
  const middle = median(seconds);
  const sample = done ? null : host.current;
  const facts = [
    total === 0 ? '' : plural(left, '{0} left', '{0} left'),
    middle === null ? '' : t('{0} an image', duration(middle)),
    middle === null || seconds.length < minVerdictsForEstimate || left < 2
      ? ''
      : t('about {0} to go', duration(middle * left)),
  ].filter((fact) => fact !== '');
  return (
    <header className="review-header">
      <div className="header-row">
        <div className="header-title">
          <span className="session">
            {host.listTitle ?? t('{0} · Iteration {1}', host.sessionName, host.iterationNumber)}
          </span>
          {sample === null ? null : <ImagePath path={sample.path} />}
          {sample?.verdict === undefined || sample.verdict === null ? null : (
            <span className={`verdict verdict-${sample.verdict}`}>
              <Icon name={verdictIcon(sample.verdict)} /> {verdictTitle(sample.verdict)}
            </span>
          )}
        </div>
        <div className="header-facts">
          {position > 0 && sample !== null ? <strong>{t('{0} of {1}', position, total)}</strong> : null}
          <span className="muted">{facts.join(' · ')}</span>
        </div>
      </div>
      <ProgressBar value={judged} max={total} label={t('Reviewed')} />
    </header>
  );
}

/** The path of the image. A narrow page cuts its folders, not its file name. */
function ImagePath({ path }: { path: string }): ReactNode {
  const cut = path.lastIndexOf('/') + 1;
  return (
    <span className="path" title={path}>
      <span className="folder">{path.slice(0, cut)}</span>
      <span className="file">{path.slice(cut)}</span>
    </span>
  );
}
