import { type KeyboardEvent, memo, type ReactNode, useEffect, useMemo, useRef } from 'react';
import type { QueueEntry } from '../../../../extension/src/protocol/review.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { actionKey } from '../hooks/actionKey.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { neighbour } from '../model/queue.ts';
import { hasEdits } from '../model/editState.ts';
import { isDone } from '../model/state.ts';
import { t } from '../strings.ts';
import { verdictIcon, verdictTitle } from '../verdicts.ts';

/** Chips on either side of the open sample. Thousands would slow every key down. */
const chipsBeside = 150;

/** The samples of the iteration around the open one, with their verdicts. A click opens a sample. */
export function QueueStrip(): ReactNode {
  const panel = usePanel();
  const host = usePanelState((state) => state.host);
  const drafts = usePanelState((state) => state.drafts);
  const done = usePanelState(isDone);
  const edited = usePanelState(hasEdits);
  const strip = useRef<HTMLDivElement>(null);
  const current = done ? undefined : host?.current?.sampleId;
  useEffect(() => {
    strip.current
      ?.querySelector('[aria-current="true"]')
      ?.scrollIntoView?.({ block: 'nearest', inline: 'center', behavior: 'instant' });
  }, [current]);
  const stored = useMemo(() => new Set(host?.drafts), [host?.drafts]);
  if (host === null || host.queue.length === 0) return null;
  const first = Math.max(0, host.queue.findIndex(({ sampleId }) => sampleId === current) - chipsBeside);
  const chips = host.queue.slice(first, first + 2 * chipsBeside + 1);
  const reachable = current ?? chips[0]?.sampleId;
  return (
    <nav className="queue" aria-label={t('Queue')}>
      <IconButton
        icon="chevron-left"
        label={t('Previous image')}
        hint={actionKey('previous')}
        disabled={neighbour(host, -1) === null}
        onClick={() => panel.performer.perform('previous')}
      />
      <div className="queue-strip" ref={strip} onKeyDown={walkStrip}>
        {chips.map((entry, place) => (
          <QueueChip
            key={entry.sampleId}
            entry={entry}
            place={first + place + 1}
            current={entry.sampleId === current}
            reachable={entry.sampleId === reachable}
            edited={
              entry.sampleId === current ? edited : (drafts.get(entry.sampleId)?.edited ?? stored.has(entry.sampleId))
            }
            onOpen={() => panel.performer.open(entry.sampleId)}
          />
        ))}
      </div>
      <IconButton
        icon="chevron-right"
        label={t('Next image')}
        hint={actionKey('next')}
        disabled={neighbour(host, 1) === null}
        onClick={() => panel.performer.perform('next')}
      />
      {host.editable && host.listTitle === null ? (
        <IconButton
          icon="check-all"
          label={t('Accept confident images…')}
          hint={actionKey('accept-confident')}
          disabled={host.queue.every(({ verdict }) => verdict !== null)}
          onClick={() => panel.performer.perform('accept-confident')}
        />
      ) : null}
    </nav>
  );
}

interface QueueChipProps {
  readonly entry: QueueEntry;
  readonly place: number;
  readonly current: boolean;
  readonly reachable: boolean;
  /** Whether the sample has unsaved edits. */
  readonly edited: boolean;
  readonly onOpen: () => void;
}

const QueueChip = memo(
  function QueueChip({ entry, place, current, reachable, edited, onOpen }: QueueChipProps): ReactNode {
    const { verdict } = entry;
    const state = verdict === null ? t('not reviewed') : verdictTitle(verdict);
    const label = `${t('Image {0}', place)}: ${state}${edited ? `, ${t('unsaved edits')}` : ''}`;
    return (
      <button
        type="button"
        className={`chip ${verdict === null ? '' : `verdict-${verdict}`} ${edited ? 'edited' : ''}`}
        aria-current={current ? 'true' : undefined}
        aria-label={label}
        title={label}
        tabIndex={reachable ? 0 : -1}
        onClick={onOpen}
      >
        {verdict === null ? place : <Icon name={verdictIcon(verdict)} />}
      </button>
    );
  },
  (a, b) =>
    a.entry.verdict === b.entry.verdict &&
    a.entry.sampleId === b.entry.sampleId &&
    a.place === b.place &&
    a.current === b.current &&
    a.reachable === b.reachable &&
    a.edited === b.edited,
);

/** Arrow keys move the focus between samples. */
function walkStrip(event: KeyboardEvent<HTMLDivElement>): void {
  const chips = [...event.currentTarget.querySelectorAll<HTMLElement>('.chip')];
  const place = chips.findIndex((chip) => chip === document.activeElement);
  const targets: Record<string, number> = {
    ArrowLeft: place - 1,
    ArrowRight: place + 1,
    Home: 0,
    End: chips.length - 1,
  };
  const target = targets[event.key];
  if (target === undefined || place < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  chips[target]?.focus();
}
