import { type ReactNode, useState } from 'react';
import type { BoxView, ChangeView, SampleView } from '../../../../extension/src/protocol/review.ts';
import { Button } from '../../ui/Button.tsx';
import { toCss } from '../../ui/colours.ts';
import { classColour } from '../model/classColours.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { plural, t } from '../strings.ts';
import { verdictTitle } from '../verdicts.ts';

/** The history of the open image's labels, read when the user opens it. Any state of it can be restored. */
export function LabelHistory(): ReactNode {
  const { requests } = usePanel();
  const sample = usePanelState((state) => state.host?.current ?? null);
  const [read, setRead] = useState<{ readonly sample: SampleView; readonly changes: readonly ChangeView[] } | null>(
    null,
  );
  if (sample === null) return null;
  const open = (isOpen: boolean): void => {
    if (isOpen) void requests.history(sample.sampleId).then((changes) => setRead({ sample, changes }));
  };
  return (
    // Closed again for the next image, and after a change.
    <details
      key={`${sample.sampleId} ${sample.verdict}`}
      className="side-section label-history"
      onToggle={(event) => open(event.currentTarget.open)}
    >
      <summary>{t('History of the labels')}</summary>
      {read?.sample !== sample ? null : read.changes.length === 0 ? (
        <p className="muted">{t('These labels have not changed yet.')}</p>
      ) : (
        <ol>
          {read.changes.map((change) => (
            <li key={change.eventId}>
              <span>{change.title}</span>
              <State sample={sample} change={change} side="before" />
              <State sample={sample} change={change} side="after" />
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}

interface StateProps {
  readonly sample: SampleView;
  readonly change: ChangeView;
  readonly side: 'before' | 'after';
}

function State({ sample, change, side }: StateProps): ReactNode {
  const { requests } = usePanel();
  const editable = usePanelState((state) => state.host?.editable === true && state.busy === null);
  const boxes = change[side];
  const verdict = side === 'before' ? change.verdictBefore : change.verdictAfter;
  const count = boxes === null ? t('no label file') : plural(boxes.length, '{0} box', '{0} boxes');
  const name = side === 'before' ? t('Before') : t('After');
  const text = [name, count, verdict === null ? '' : verdictTitle(verdict)].filter((part) => part !== '').join(', ');
  return (
    <figure>
      <Picture sample={sample} boxes={boxes ?? []} />
      <figcaption>{text}</figcaption>
      <Button
        disabled={!editable}
        title={t('Restore: {0}', text)}
        onClick={() => void requests.restore(sample.sampleId, change.eventId, side)}
      >
        {t('Restore')}
      </Button>
    </figure>
  );
}

function Picture({ sample, boxes }: { readonly sample: SampleView; readonly boxes: readonly BoxView[] }): ReactNode {
  const { width, height, imageUrl } = sample;
  return (
    <svg viewBox={`0 0 ${Math.max(1, width)} ${Math.max(1, height)}`} aria-hidden="true">
      <image href={imageUrl} width={width} height={height} />
      {boxes.map(({ x1, y1, x2, y2, classId }, place) => (
        <rect
          // oxlint-disable-next-line react/no-array-index-key -- boxes of a past state have no other key.
          key={place}
          x={x1}
          y={y1}
          width={x2 - x1}
          height={y2 - y1}
          stroke={toCss(classColour(classId))}
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </svg>
  );
}
