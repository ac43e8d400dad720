/** The picture of a cell is as high as it is wide; its caption is below. */
export const captionHeight = 22;
/** Between cells, and around all of them. */
export const gap = 8;

/** Browsers cut off what is higher, near 33.5 million pixels. */
const mostHeight = 33_000_000;

/** Cells of one size, so that a place on the screen and a place in the listing follow from each other. */
export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** From one row to the next. */
  readonly rowHeight: number;
  /** Of all rows. */
  readonly height: number;
}

/**
 * @param width of the scrolled area, in CSS pixels.
 * @param size wanted width of a cell. Cells become wider to fill the row.
 */
export function layoutOf(total: number, width: number, size: number): GridLayout {
  const wanted = Math.max(1, Math.floor((width - gap) / (size + gap)));
  const layout = withColumns(total, width, wanted);
  return layout.height <= mostHeight ? layout : withColumns(total, width, 2 * wanted);
}

function withColumns(total: number, width: number, columns: number): GridLayout {
  const cellWidth = Math.max(32, Math.floor((width - gap) / columns - gap));
  const cellHeight = cellWidth + captionHeight;
  const rows = Math.ceil(total / columns);
  const rowHeight = cellHeight + gap;
  return { columns, rows, cellWidth, cellHeight, rowHeight, height: rows * rowHeight + gap };
}

/** The first and last row to draw: what is visible and `beyond` more rows on both sides. The last is -1 without rows. */
export function visibleRows(
  layout: GridLayout,
  top: number,
  height: number,
  beyond: number,
): readonly [first: number, last: number] {
  const first = Math.floor((top - gap) / layout.rowHeight) - beyond;
  const last = Math.floor((top + height - gap) / layout.rowHeight) + beyond;
  return [Math.min(Math.max(0, first), Math.max(0, layout.rows - 1)), Math.min(last, layout.rows - 1)];
}

/** Where to scroll so that the row of a place is visible: as little as possible. */
export function scrollTopFor(layout: GridLayout, place: number, top: number, height: number): number {
  const start = Math.floor(place / layout.columns) * layout.rowHeight;
  const end = start + layout.rowHeight + gap;
  if (start < top) return start;
  return end > top + height ? Math.max(0, end - height) : top;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The largest rectangle of the image's shape in a square, in its middle; the whole square if the size is unknown. */
export function fitted(width: number | null, height: number | null, side: number): Rectangle {
  if (width === null || height === null || width <= 0 || height <= 0) return { x: 0, y: 0, width: side, height: side };
  const scale = side / Math.max(width, height);
  const [w, h] = [width * scale, height * scale];
  return { x: (side - w) / 2, y: (side - h) / 2, width: w, height: h };
}

/** Where a key moves the focus; null for other keys. */
export function moved(place: number, key: string, total: number, columns: number, pageRows: number): number | null {
  const last = total - 1;
  const column = place % columns;
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, place - 1);
    case 'ArrowRight':
      return Math.min(last, place + 1);
    case 'ArrowUp':
      return place - columns < 0 ? place : place - columns;
    case 'ArrowDown':
      if (place + columns <= last) return place + columns;
      // The last row may be shorter: the last image is nearest.
      return Math.floor(place / columns) === Math.floor(last / columns) ? place : last;
    case 'PageUp':
      return Math.max(column, place - columns * pageRows);
    case 'PageDown': {
      const lastInColumn = last - ((((last - column) % columns) + columns) % columns);
      return Math.max(place, Math.min(lastInColumn, place + columns * pageRows));
    }
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
