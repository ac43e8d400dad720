import { type KeyboardEvent, type ReactNode, type UIEvent, useEffect, useRef, useState } from 'react';
import type { ConfidentView } from '../../../../extension/src/protocol/confidentImages.ts';
import type { SampleView } from '../../../../extension/src/protocol/review.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { ProgressRing } from '../../ui/indicators.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { percent } from '../format.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { plural, t } from '../strings.ts';
import { Picture } from './Picture.tsx';

/** The slider's first value. */
const firstThreshold = 0.9;
/** More pictures appear as the user scrolls down. */
const picturesAtOnce = 60;

/** The open images whose boxes all reach a confidence, as pictures, to accept them together. */
export function ConfidentImages(): ReactNode {
  const open = usePanelState((state) => state.prompt === 'confident');
  return open ? <OpenSheet /> : null;
}

function OpenSheet(): ReactNode {
  const { performer, requests } = usePanel();
  const saving = usePanelState((state) => state.busy !== null);
  const sheet = useRef<HTMLElement>(null);
  const before = useRef(document.activeElement);
  const [found, setFound] = useState<readonly ConfidentView[] | null>(null);
  const [from, setFrom] = useState(firstThreshold);
  const [leftOut, setLeftOut] = useState<ReadonlySet<number>>(new Set());
  const [most, setMost] = useState(picturesAtOnce);
  useEffect(() => {
    sheet.current?.focus();
    requests.restartClock();
    let closed = false;
    void requests.confident().then((views) => {
      if (!closed) setFound(views);
    });
    const element = before.current;
    return () => {
      closed = true;
      if (element instanceof HTMLElement) element.focus({ preventScroll: true });
    };
  }, [requests]);
  const reached = (found ?? []).filter(({ lowest }) => lowest >= from);
  const chosen = reached.filter(({ sampleId }) => !leftOut.has(sampleId));
  const shown = reached.slice(0, most);
  const views = useSamples(shown);
  const onScroll = ({ currentTarget }: UIEvent<HTMLElement>): void => {
    const { scrollTop, clientHeight, scrollHeight } = currentTarget;
    if (scrollTop + 2 * clientHeight > scrollHeight && most < reached.length) setMost(most + picturesAtOnce);
  };
  const toggle = (sampleId: number): void => {
    const next = new Set(leftOut);
    if (!next.delete(sampleId)) next.add(sampleId);
    setLeftOut(next);
  };
  return (
    <section
      ref={sheet}
      className="key-help confident review-controls"
      role="dialog"
      aria-label={t('Accept confident images')}
      tabIndex={-1}
    >
      <div className="key-help-head">
        <h2>{t('Accept confident images')}</h2>
        <span className="grow" />
        <IconButton icon="close" label={t('Close')} hint="Esc" onClick={() => performer.perform('escape')} />
      </div>
      <div className="filter-row">
        <span>{t('All boxes from')}</span>
        <Slider
          label={t('Lowest confidence of the boxes of an image')}
          value={Math.round(from * 100)}
          min={5}
          max={99}
          step={1}
          valueText={percent(from)}
          onInput={(value) => setFrom(value / 100)}
        />
        <output>{percent(from)}</output>
        <strong aria-live="polite">{plural(reached.length, '{0} image', '{0} images')}</strong>
      </div>
      <p className="muted">{t('Images without a verdict, the least sure first. Click one to leave it out.')}</p>
      {found === null ? <ProgressRing label={t('Loading…')} /> : null}
      {found !== null && reached.length === 0 ? <p>{t('No image has only boxes from {0}.', percent(from))}</p> : null}
      <ul className="confident-images" onScroll={onScroll} onKeyDown={walkPictures} hidden={reached.length === 0}>
        {shown.map((one) => (
          <li key={one.sampleId}>
            <Tile
              one={one}
              view={views.get(one.sampleId)}
              leftOut={leftOut.has(one.sampleId)}
              onToggle={() => toggle(one.sampleId)}
            />
          </li>
        ))}
      </ul>
      <div className="confident-foot">
        <Button
          primary
          icon="check-all"
          disabled={saving || chosen.length === 0}
          onClick={() => void requests.acceptMany(chosen.map(({ sampleId, kept }) => ({ sampleId, kept })))}
        >
          {plural(chosen.length, 'Accept {0} image', 'Accept {0} images')}
        </Button>
        <Button onClick={() => performer.perform('escape')}>{t('Cancel')}</Button>
        {saving ? <ProgressRing label={t('Saving…')} /> : null}
      </div>
    </section>
  );
}

/** Reads the samples of these pictures, each once. */
function useSamples(shown: readonly ConfidentView[]): ReadonlyMap<number, SampleView> {
  const { requests } = usePanel();
  const asked = useRef(new Set<number>());
  const [views, setViews] = useState<ReadonlyMap<number, SampleView>>(new Map());
  useEffect(() => {
    const missing = shown.map(({ sampleId }) => sampleId).filter((id) => !asked.current.has(id));
    if (missing.length === 0) return;
    for (const id of missing) asked.current.add(id);
    void requests.samples(missing).then((read) => {
      setViews((known) => new Map([...known, ...read.map((view) => [view.sampleId, view] as const)]));
    });
  }, [requests, shown]);
  return views;
}

interface TileProps {
  readonly one: ConfidentView;
  /** Undefined until it is read. */
  readonly view: SampleView | undefined;
  readonly leftOut: boolean;
  readonly onToggle: () => void;
}

function Tile({ one, view, leftOut, onToggle }: TileProps): ReactNode {
  const kept = new Set(one.kept);
  const name = view?.path.split('/').at(-1) ?? '';
  const facts = `${plural(one.kept.length, '{0} box', '{0} boxes')}, ${t('from {0}', percent(one.lowest))}`;
  return (
    <button
      type="button"
      className={leftOut ? 'tile left-out' : 'tile'}
      aria-pressed={!leftOut}
      aria-label={`${name}, ${facts}${leftOut ? `, ${t('is left out')}` : ''}`}
      title={name}
      onClick={onToggle}
    >
      <span className="tile-picture">
        {view === undefined ? null : (
          <Picture sample={view} boxes={view.predictions.filter(({ index }) => kept.has(index))} />
        )}
      </span>
      <span className="tile-text">
        <Icon name={leftOut ? 'circle-slash' : 'check'} /> <span className="tile-name">{name}</span>
      </span>
      <span className="muted">{facts}</span>
    </button>
  );
}

/** Arrow keys move the focus between the pictures. */
function walkPictures(event: KeyboardEvent<HTMLUListElement>): void {
  const tiles = [...event.currentTarget.querySelectorAll<HTMLElement>('.tile')];
  const place = tiles.findIndex((tile) => tile === document.activeElement);
  const columns = tiles.filter((tile) => tile.offsetTop === tiles[0]?.offsetTop).length;
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: place - 1,
    ArrowRight: place + 1,
    ArrowUp: place - columns,
    ArrowDown: place + columns,
    Home: 0,
    End: tiles.length - 1,
  };
  const target = targets[event.key];
  if (target === undefined || place < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  tiles[target]?.focus();
}
