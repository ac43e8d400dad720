import { type ReactNode, useState } from 'react';
import type { ChangeView, SampleView } from '../../../../extension/src/protocol/review.ts';
import { Button } from '../../ui/Button.tsx';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { plural, t } from '../strings.ts';
import { verdictTitle } from '../verdicts.ts';
import { Picture } from './Picture.tsx';

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
