import { memo, type ReactNode } from 'react';
import { Icon } from '../../ui/Icon.tsx';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { percent } from '../format.ts';
import type { ShownBox } from '../model/boxes.ts';
import { plural, t } from '../strings.ts';
import { ClassSwatch } from './ClassSwatch.tsx';

/** In CSS pixels, as in the style sheet. */
export const rowHeight = 28;

interface BoxRowProps {
  readonly shown: ShownBox;
  readonly place: number;
  readonly total: number;
  readonly selected: boolean;
  /** Whether Tab reaches this row; true for one row of the list. */
  readonly reachable: boolean;
  readonly editable: boolean;
}

function BoxRowView({ shown, place, total, selected, reachable, editable }: BoxRowProps): ReactNode {
  const { store, performer } = usePanel();
  const { box, status, faint, others } = shown;
  const name = usePanelState((state) => state.host?.classNames[box.classId] ?? `#${box.classId}`);
  const hovered = usePanelState((state) => state.hovered === box.key);
  const size = `${Math.round(box.x2 - box.x1)} × ${Math.round(box.y2 - box.y1)}`;
  const confidence = box.confidence === null ? t('drawn') : percent(box.confidence);
  const kept = status === 'kept';
  const otherPredictions = plural(others, '1 other prediction of this object', '{0} other predictions of this object');
  const tab = reachable ? 0 : -1;
  return (
    <li
      className={`box-row ${status} ${selected ? 'selected' : ''} ${hovered ? 'hovered' : ''} ${faint ? 'faint' : ''}`}
      aria-current={selected ? 'true' : undefined}
      aria-posinset={place + 1}
      aria-setsize={total}
      onPointerEnter={() => store.dispatch({ type: 'hover', key: box.key })}
      onPointerLeave={() => store.dispatch({ type: 'hover', key: null })}
    >
      <button
        type="button"
        className="box-main"
        tabIndex={tab}
        aria-label={`${name}, ${confidence}, ${size}, ${kept ? t('is saved') : t('is not saved')}${others > 0 ? `, ${otherPredictions}` : ''}`}
        onClick={() => store.dispatch({ type: 'select', key: box.key })}
      >
        <ClassSwatch classId={box.classId} dashed={!kept} />
        <span className="box-name">{name}</span>
        {others > 0 ? (
          <span className="box-others" title={otherPredictions}>
            +{others}
          </span>
        ) : null}
        <span className="box-confidence">{confidence}</span>
        <span className="box-size">{size}</span>
      </button>
      {editable ? (
        <>
          <RowButton
            icon="tag"
            label={t('Change class')}
            tab={tab}
            onClick={() => {
              store.dispatch({ type: 'select', key: box.key });
              performer.perform('change-class');
            }}
          />
          <RowButton
            icon={kept ? 'check' : 'add'}
            label={kept ? t('Kept. Click to remove it.') : t('Not kept. Click to keep it.')}
            tab={tab}
            on={kept}
            onClick={() => performer.boxes.toggleKept(box)}
          />
          <RowButton icon="trash" label={t('Delete box')} tab={tab} onClick={() => performer.boxes.deleteBox(box)} />
        </>
      ) : null}
    </li>
  );
}

export const BoxRow = memo(BoxRowView);

interface RowButtonProps {
  readonly icon: string;
  readonly label: string;
  readonly tab: number;
  readonly on?: boolean;
  readonly onClick: () => void;
}

/** A native button, which is faster than the toolkit's in long lists. */
function RowButton({ icon, label, tab, on, onClick }: RowButtonProps): ReactNode {
  return (
    <button
      type="button"
      className="row-button"
      title={label}
      aria-label={label}
      tabIndex={tab}
      onClick={onClick}
      {...(on === undefined ? {} : { 'aria-pressed': on })}
    >
      <Icon name={icon} />
    </button>
  );
}
