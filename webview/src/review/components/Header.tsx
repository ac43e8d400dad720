import type { ReactNode } from 'react';
import type { ReviewState } from '../../../../extension/src/protocol/review.ts';
import { Icon } from '../../ui/Icon.tsx';
import { ProgressBar } from '../../ui/indicators.tsx';
import { perImageText, toGoText } from '../format.ts';
import { usePanelState } from '../hooks/usePanel.ts';
import { countVerdicts, progressOf } from '../model/queue.ts';
import { isDone } from '../model/state.ts';
import { plural, t } from '../strings.ts';
import { verdictIcon, verdictTitle } from '../verdicts.ts';

export function Header(): ReactNode {
  const host = usePanelState((state) => state.host);
  const done = usePanelState(isDone);
  if (host === null) return null;
  const { done: judged, total, left, position, pace } = progressOf(host);
  const sample = done ? null : host.current;
  const facts = [
    ...(total === 0 ? [] : [plural(left, '{0} left', '{0} left')]),
    ...(pace === null ? [] : [perImageText(pace)]),
    ...(pace === null || left === 0 ? [] : [toGoText(pace)]),
  ];
  const mix = [...countVerdicts(host.queue)].map(([verdict, count]) => `${count} ${verdictTitle(verdict)}`);
  return (
    <header className="review-header">
      <div className="header-row">
        <div className="header-title">
          <span className="session">{host.listTitle ?? batchTitle(host)}</span>
          {sample === null ? null : <ImagePath path={sample.path} />}
          {sample?.verdict === undefined || sample.verdict === null ? null : (
            <span className={`verdict verdict-${sample.verdict}`}>
              <Icon name={verdictIcon(sample.verdict)} /> {verdictTitle(sample.verdict)}
            </span>
          )}
        </div>
        <div className="header-facts">
          {position > 0 && sample !== null ? <strong>{t('{0} of {1}', position, total)}</strong> : null}
          <span className="muted" title={mix.join(', ')}>
            {facts.join(' · ')}
          </span>
        </div>
      </div>
      <ProgressBar value={judged} max={total} label={t('Reviewed')} />
    </header>
  );
}

function batchTitle({ sessionName, iterationNumber }: ReviewState): string {
  if (iterationNumber === 0) return t('{0} · First batch', sessionName);
  return t('{0} · Iteration {1}', sessionName, iterationNumber);
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
