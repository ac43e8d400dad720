import type { ReactNode } from 'react';
import { percent } from '../format.ts';
import { usePanelState } from '../hooks/usePanel.ts';
import { openSample } from '../model/state.ts';
import { visibleBoxes } from '../model/editState.ts';
import { t } from '../strings.ts';
import { ClassSwatch } from './ClassSwatch.tsx';

/** What the model gave the selected box for each class, as far as that is stored. Nothing for a drawn box. */
export function ClassScores(): ReactNode {
  const prediction = usePanelState((state) => {
    const box = visibleBoxes(state).find((one) => one.box.key === state.selected)?.box;
    const predictions = openSample(state)?.sample.predictions ?? [];
    return predictions.find(({ index }) => index === box?.prediction) ?? null;
  });
  const names = usePanelState((state) => state.host?.classNames ?? noNames);
  const scores = prediction?.classScores ?? [];
  if (scores.length === 0) return null;
  return (
    <dl className="side-section class-scores" aria-label={t('Class scores of the box')}>
      {scores.map(({ classId, score }) => (
        <div key={classId} className="score">
          <dt>
            <ClassSwatch classId={classId} dashed={false} /> {names[classId] ?? `#${classId}`}
          </dt>
          <dd>
            <span className="bar" aria-hidden="true">
              <span style={{ width: `${(score * 100).toFixed(1)}%` }} />
            </span>
            <span className="value">{percent(score)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const noNames: readonly string[] = [];
