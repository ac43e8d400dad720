import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { Badge } from '../../ui/indicators.tsx';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { hasEdits, visibleBoxes } from '../model/editState.ts';
import { t } from '../strings.ts';
import { BoxRow, rowHeight } from './BoxRow.tsx';
import { ConfidenceFilter } from './ConfidenceFilter.tsx';

/** Rows above and below the visible ones, for fast scrolling. */
const spareRows = 8;

/** The boxes of the canvas as a list with the same selection and actions. Only visible rows exist. */
export function BoxList(): ReactNode {
  const panel = usePanel();
  const host = usePanelState((state) => state.host);
  const selected = usePanelState((state) => state.selected);
  const shown = usePanelState(visibleBoxes);
  const list = useRef<HTMLUListElement>(null);
  const [range, setRange] = useState({ top: 0, height: 400 });
  const kept = shown.filter((one) => one.status === 'kept').length;
  const place = shown.findIndex((one) => one.box.key === selected);
  const sampleId = host?.current?.sampleId;

  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return undefined;
    const measure = (): void => setRange({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (list.current !== null) list.current.scrollTop = 0;
  }, [sampleId]);

  useEffect(() => {
    const element = list.current;
    if (element === null || place < 0) return;
    const top = place * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + rowHeight - element.clientHeight;
    }
  }, [place]);

  const first = Math.max(0, Math.floor(range.top / rowHeight) - spareRows);
  const last = Math.min(shown.length, Math.ceil((range.top + range.height) / rowHeight) + spareRows);
  const editable = host?.editable === true;
  return (
    <section className="side-section boxes" aria-label={t('Boxes')}>
      <h2>
        {t('Boxes')} <Badge>{kept}</Badge>
        <span className="grow" />
        <RevertButton />
      </h2>
      <ConfidenceFilter />
      {shown.length === 0 ? (
        <p className="muted">
          {editable ? t('No boxes are shown. Drag on the image to draw one.') : t('No boxes are shown.')}
        </p>
      ) : null}
      <ul
        ref={list}
        className="box-list"
        onScroll={(event) => setRange({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}
        onKeyDown={(event) => walkRows(event, (by) => panel.performer.boxes.selectNeighbour(by))}
        hidden={shown.length === 0}
      >
        <li className="spacer" aria-hidden="true" style={{ height: first * rowHeight }} />
        {shown.slice(first, last).map((one, offset) => (
          <BoxRow
            key={one.box.key}
            shown={one}
            place={first + offset}
            total={shown.length}
            selected={one.box.key === selected}
            reachable={place < 0 ? first + offset === 0 : one.box.key === selected}
            editable={editable}
          />
        ))}
        <li className="spacer" aria-hidden="true" style={{ height: (shown.length - last) * rowHeight }} />
      </ul>
    </section>
  );
}

function RevertButton(): ReactNode {
  const { store } = usePanel();
  const edited = usePanelState((state) => state.host?.editable === true && hasEdits(state));
  if (!edited) return null;
  return (
    <Button
      className="small"
      icon="discard"
      onClick={() => store.dispatch({ type: 'revert' })}
      title={t('Restores the original boxes. Undo brings your edits back.')}
    >
      {t('Revert')}
    </Button>
  );
}

/** The up and down keys move the selection and the focus. */
function walkRows(event: KeyboardEvent<HTMLUListElement>, select: (by: 1 | -1) => boolean): void {
  if (!event.key.startsWith('Arrow') || event.ctrlKey || event.altKey || event.shiftKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') return;
  const list = event.currentTarget;
  if (!select(event.key === 'ArrowDown' ? 1 : -1)) return;
  requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-current="true"] .box-main')?.focus());
}
