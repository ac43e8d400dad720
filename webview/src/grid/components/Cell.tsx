import { memo, useState, type ReactNode } from 'react';
import type { GridCellView } from '../../../../extension/src/protocol/grid.ts';
import { classColour } from '../../ui/classColours.ts';
import { toCss } from '../../ui/colours.ts';
import { Icon } from '../../ui/Icon.tsx';
import { boxPaths } from '../model/boxPaths.ts';
import { fitted } from '../model/layout.ts';
import { statusIcon, statusTitle } from '../model/verdicts.ts';
import { plural, t } from '../strings.ts';

interface CellProps {
  readonly place: number;
  readonly column: number;
  /** Undefined while it is read; null if the image is no longer in the dataset. */
  readonly cell: GridCellView | null | undefined;
  /** Of the picture, in CSS pixels. */
  readonly side: number;
  readonly chosen: boolean;
  readonly focused: boolean;
  readonly showBoxes: boolean;
}

/** One image of the grid. It changes only with what it shows, so that scrolling draws new cells alone. */
export const Cell = memo(function Cell(props: CellProps): ReactNode {
  const { place, column, cell, side, chosen, focused, showBoxes } = props;
  return (
    <div
      role="gridcell"
      className={`cell ${chosen ? 'chosen' : ''}`}
      data-place={place}
      aria-colindex={column + 1}
      aria-selected={chosen}
      aria-label={labelOf(cell)}
      tabIndex={focused ? 0 : -1}
      style={{ width: side }}
      title={cell?.path}
    >
      <div className="picture" style={{ width: side, height: side }}>
        {cell ? <Picture cell={cell} side={side} showBoxes={showBoxes} /> : null}
        {chosen ? (
          <span className="mark chosen-mark">
            <Icon name="check" />
          </span>
        ) : null}
      </div>
      <div className="caption">
        <span className="name">{cell?.name ?? ''}</span>
        {cell?.value === null || cell?.value === undefined ? null : (
          <span className="value">{cell.value.toFixed(cell.value >= 1 ? 1 : 2)}</span>
        )}
      </div>
    </div>
  );
});

function Picture({ cell, side, showBoxes }: { cell: GridCellView; side: number; showBoxes: boolean }): ReactNode {
  const [broken, setBroken] = useState<string | null>(null);
  const { url } = cell;
  const place = fitted(cell.width, cell.height, side);
  const icon = statusIcon(cell);
  return (
    <>
      {url === null || broken === url ? null : (
        <img
          src={url}
          alt=""
          decoding="async"
          draggable={false}
          style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
          onError={() => setBroken(url)}
        />
      )}
      {showBoxes && cell.boxes.length > 0 ? (
        <svg
          aria-hidden="true"
          viewBox="0 0 1 1"
          preserveAspectRatio="none"
          style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
        >
          {boxPaths(cell.boxes).map(({ classId, path }) => (
            <g key={classId}>
              <path className="box-edge" d={path} />
              <path className="box" d={path} stroke={toCss(classColour(classId))} />
            </g>
          ))}
        </svg>
      ) : null}
      {icon === null ? null : (
        <span className={`mark status-mark status-${cell.verdict ?? cell.state}`} title={statusTitle(cell)}>
          <Icon name={icon} />
        </span>
      )}
    </>
  );
}

/** "part-0270.jpg, accepted, 3 boxes". */
function labelOf(cell: GridCellView | null | undefined): string {
  if (cell === undefined) return t('Loading');
  if (cell === null) return t('no longer in the dataset');
  return [cell.name, statusTitle(cell), plural(cell.boxes.length, '{0} box', '{0} boxes')].join(', ');
}
