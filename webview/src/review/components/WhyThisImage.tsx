import type { ReactNode } from 'react';
import type { ScoreView } from '../../../../extension/src/protocol/review.ts';
import { percent } from '../format.ts';
import { usePanelState } from '../hooks/usePanel.ts';
import { t } from '../strings.ts';

/** Why the image was chosen: reasons in words, the scores, and how sure the model was. */
export function WhyThisImage(): ReactNode {
  const sample = usePanelState((state) => state.host?.current ?? null);
  if (sample === null) return null;
  const { reasons, scores, minConfidence, maxConfidence } = sample;
  return (
    <section className="side-section why" aria-label={t('Why this image')}>
      <h2>{t('Why this image')}</h2>
      {reasons.length > 0 ? (
        <ul className="reasons">
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      ) : null}
      {scores.length > 0 ? (
        <dl className="scores">
          {scores.map((score) => (
            <Score key={score.id} score={score} />
          ))}
        </dl>
      ) : null}
      {minConfidence !== null && maxConfidence !== null ? (
        <div className="range" title={t('Lowest and highest confidence of the candidates')}>
          <span>{t('Box confidence')}</span>
          <span className="range-track" aria-hidden="true">
            <span
              style={{
                left: `${(minConfidence * 100).toFixed(1)}%`,
                width: `${Math.max(1.5, (maxConfidence - minConfidence) * 100).toFixed(1)}%`,
              }}
            />
          </span>
          <span className="value">
            {minConfidence === maxConfidence
              ? percent(minConfidence)
              : t('{0} to {1}', percent(minConfidence), percent(maxConfidence))}
          </span>
        </div>
      ) : null}
    </section>
  );
}

/** A score with its bar; one that this image lacks is muted, and says why. */
function Score({ score }: { readonly score: ScoreView }): ReactNode {
  const { title, description, value, reason } = score;
  return (
    <div className={value === null ? 'score muted' : 'score'} title={description}>
      <dt>{title}</dt>
      <dd>
        {value === null ? (
          <span className="without">{reason ?? '–'}</span>
        ) : (
          <>
            <span className="bar" aria-hidden="true">
              <span style={{ width: `${(value * 100).toFixed(1)}%` }} />
            </span>
            <span className="value">{value.toFixed(2)}</span>
          </>
        )}
        <span className="ui-visually-hidden">{description}</span>
      </dd>
    </div>
  );
}
