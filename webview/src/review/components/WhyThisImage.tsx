import type { ReactNode } from 'react';
import type { SampleView, ScoreView } from '../../../../extension/src/protocol/review.ts';
import { percent } from '../format.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { t } from '../strings.ts';

/** Why the image was selected: reasons, scores and the confidence of the model. */
export function WhyThisImage(): ReactNode {
  const sample = usePanelState((state) => state.host?.current ?? null);
  if (sample === null) return null;
  const { reasons, scores, minConfidence, maxConfidence } = sample;
  const hasScores = scores.length > 0 || minConfidence !== null;
  // An image that the user opened, outside a batch.
  if (reasons.length === 0 && !hasScores) return null;
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
      {hasScores ? <Details scores={scores} minConfidence={minConfidence} maxConfidence={maxConfidence} /> : null}
    </section>
  );
}

/** The numbers behind the reasons. Most people need only the reasons. */
function Details({
  scores,
  minConfidence,
  maxConfidence,
}: Pick<SampleView, 'scores' | 'minConfidence' | 'maxConfidence'>): ReactNode {
  const { store } = usePanel();
  const open = usePanelState((state) => state.scoresShown);
  return (
    <details
      className="score-details"
      open={open}
      onToggle={(event) => store.dispatch({ type: 'show-scores', on: event.currentTarget.open })}
    >
      <summary>{t('Scores')}</summary>
      <Scores scores={scores} />
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
    </details>
  );
}

const reasonOf = ({ reason }: ScoreView): string => reason ?? t('not scored');

/** The scores with their bars, then the missing scores, grouped by reason. */
function Scores({ scores }: { readonly scores: readonly ScoreView[] }): ReactNode {
  const given = scores.filter(({ value }) => value !== null);
  const lacking = scores.filter(({ value }) => value === null);
  return (
    <>
      {given.length > 0 ? (
        <dl className="scores">
          {given.map((score) => (
            <Score key={score.id} score={score} />
          ))}
        </dl>
      ) : null}
      {[...new Set(lacking.map(reasonOf))].map((reason) => {
        const without = lacking.filter((score) => reasonOf(score) === reason);
        const names = without.map(({ title }) => title).join(', ');
        return (
          <p key={reason} className="lacking">
            {without.length === scores.length ? t('No score: {0}.', reason) : t('{0}: {1}.', names, reason)}
          </p>
        );
      })}
    </>
  );
}

function Score({ score }: { readonly score: ScoreView }): ReactNode {
  const { title, description, value } = score;
  if (value === null) return null;
  return (
    <div className="score" title={description}>
      <dt>{title}</dt>
      <dd>
        <span className="bar" aria-hidden="true">
          <span style={{ width: `${(value * 100).toFixed(1)}%` }} />
        </span>
        <span className="value">{value.toFixed(2)}</span>
        <span className="ui-visually-hidden">{description}</span>
      </dd>
    </div>
  );
}
