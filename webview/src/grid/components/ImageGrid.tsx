import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from 'react';
import type { GridListing } from '../../../../extension/src/protocol/grid.ts';
import { gap, layoutOf, moved, scrollTopFor, visibleRows, type GridLayout } from '../model/layout.ts';
import { hasPlace } from '../model/places.ts';
import type { GridAction, PanelState } from '../model/state.ts';
import type { GridPanel } from '../panel/gridPanel.ts';
import { t } from '../strings.ts';
import { Cell } from './Cell.tsx';

/** As the keys of the review. */
const actionKeys: Readonly<Record<string, GridAction>> = {
  a: 'accepted',
  b: 'rejected-background',
  x: 'rejected-unusable',
  l: 'rejected-later',
  q: 'queue',
  u: 'undo',
};

/** Rows that are drawn above and below the visible ones. */
const beyond = 2;

interface ImageGridProps {
  readonly panel: GridPanel;
  readonly state: PanelState;
  readonly listing: GridListing;
}

/** The images in cells of one size. Only the visible rows exist, and the one with the keyboard focus. */
export function ImageGrid({ panel, state, listing }: ImageGridProps): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [top, setTop] = useState(0);
  const wantsFocus = useRef(false);
  const { total, token } = listing;
  const layout = layoutOf(total, size.width, state.view.size);
  const { columns, rowHeight } = layout;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = (): void => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // Another listing begins where its focus is. If the cells change their size, that image stays on the screen.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || size.width === 0) return;
    element.scrollTop = scrollTopFor(layout, state.focus, 0, size.height);
    setTop(element.scrollTop);
  }, [token, columns, size.width === 0]);

  const [first, last] = visibleRows(layout, top, size.height, beyond);
  useEffect(() => {
    if (size.width > 0) panel.show(first * columns, Math.min(total, (last + 1) * columns) - 1);
  }, [panel, token, first, last, columns, total, size.width]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || !wantsFocus.current) return;
    wantsFocus.current = false;
    element.scrollTop = scrollTopFor(layout, state.focus, element.scrollTop, element.clientHeight);
    element.querySelector<HTMLElement>(`[data-place="${state.focus}"]`)?.focus({ preventScroll: true });
  }, [state.focus, state.chosen]);

  // So that the first key already moves: nothing else has the keyboard.
  useEffect(() => {
    if (size.width === 0 || (document.activeElement ?? document.body) !== document.body) return;
    scroller.current?.querySelector<HTMLElement>('.cell[tabindex="0"]')?.focus({ preventScroll: true });
  }, [token, size.width === 0]);

  const onScroll = (): void => {
    const now = scroller.current?.scrollTop ?? 0;
    // Within a row, the same rows stay drawn.
    if (Math.floor((now - gap) / rowHeight) !== Math.floor((top - gap) / rowHeight)) setTop(now);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || event.altKey) return;
    const { focus } = state;
    const key = event.key.toLowerCase();
    const command = event.ctrlKey || event.metaKey;
    if (command && key === 'a') panel.chooseAll();
    else if (key === ' ') panel.focus(focus, event.shiftKey ? 'extend' : 'toggle');
    else if (key === 'enter') void panel.open(focus);
    else if (key === 'escape') panel.chooseNone();
    else if (!command && !event.shiftKey && Object.hasOwn(actionKeys, key))
      void panel.act(actionKeys[key] as GridAction);
    else if (!command && !event.shiftKey && key === 'd') void panel.showDuplicates();
    else {
      const pageRows = Math.max(1, Math.floor(size.height / rowHeight));
      const to = moved(focus, event.key, total, columns, pageRows);
      if (to === null) return;
      wantsFocus.current = true;
      panel.focus(to, event.shiftKey ? 'extend' : null);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const onMouseDown = (event: MouseEvent): void => {
    const place = placeOf(event);
    if (place === null || event.button !== 0) return;
    wantsFocus.current = true;
    panel.focus(place, event.shiftKey ? 'extend' : event.ctrlKey || event.metaKey ? 'toggle' : 'only');
    event.preventDefault();
  };
  const onDoubleClick = (event: MouseEvent): void => {
    const place = placeOf(event);
    if (place !== null) void panel.open(place);
  };

  return (
    <div ref={scroller} className="scroller" onScroll={onScroll}>
      <div
        role="grid"
        className="grid"
        aria-label={t('Images')}
        aria-multiselectable="true"
        aria-rowcount={layout.rows}
        aria-colcount={columns}
        style={{ height: layout.height }}
        onKeyDown={onKeyDown}
        onMouseDown={onMouseDown}
        onDoubleClick={onDoubleClick}
      >
        {rowsToDraw(first, last, Math.floor(state.focus / columns), layout).map((row) => (
          <div
            key={`${token}.${columns}.${row}`}
            role="row"
            className="row"
            aria-rowindex={row + 1}
            style={{ transform: `translateY(${row * rowHeight + gap}px)` }}
          >
            {placesOf(row, layout, total).map((place, column) => (
              <Cell
                key={place}
                place={place}
                column={column}
                cell={state.cells.get(place)}
                side={layout.cellWidth}
                chosen={hasPlace(state.chosen, place)}
                focused={place === state.focus}
                showBoxes={state.view.showBoxes}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The row with the focus stays, so that the keyboard and screen readers do not lose it. */
function rowsToDraw(first: number, last: number, focused: number, { rows }: GridLayout): number[] {
  const drawn = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  if (focused >= rows || (focused >= first && focused <= last)) return drawn;
  return focused < first ? [focused, ...drawn] : [...drawn, focused];
}

function placesOf(row: number, { columns }: GridLayout, total: number): number[] {
  const first = row * columns;
  return Array.from({ length: Math.max(0, Math.min(columns, total - first)) }, (_, index) => first + index);
}

function placeOf(event: MouseEvent): number | null {
  const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-place]') : null;
  return cell === null ? null : Number(cell.dataset['place']);
}
