import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Combobox } from '../../ui/Combobox.tsx';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { classOrder } from '../model/classOrder.ts';
import { visibleBoxes } from '../model/editState.ts';
import type { Size } from '../model/geometry.ts';
import { placeBeside, type PickerPlace } from '../model/pickerPlace.ts';
import type { PanelState } from '../model/state.ts';
import { t } from '../strings.ts';
import { ClassSwatch } from './ClassSwatch.tsx';

/** Selects or adds the class of the selected box by its name, beside the box. */
export function ClassPicker(): ReactNode {
  const open = usePanelState((state) => state.prompt === 'class');
  return open ? <OpenPicker /> : null;
}

function OpenPicker(): ReactNode {
  const { store, performer, requests } = usePanel();
  const root = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<PickerPlace | undefined>();
  const names = usePanelState((state) => state.host?.classNames ?? none);
  const busy = usePanelState((state) => state.busy === 'add-class');
  // The order stays while the picker is open, so that no option moves under the pointer.
  const [order] = useState(() => orderOf(store.getState()));
  const known = new Set(order);
  const classIds = [...order, ...[...names.keys()].filter((classId) => !known.has(classId))];
  const before = useRef(document.activeElement);
  useLayoutEffect(() => {
    const parent = root.current?.parentElement;
    const box = performer.canvas?.selectedRect() ?? null;
    if (root.current === null || parent === null || parent === undefined || box === null) return;
    setPlace(placeBeside(box, sizeOf(root.current), sizeOf(parent)));
  }, [performer]);
  useEffect(() => {
    const element = before.current;
    return () => {
      if (element instanceof HTMLElement) element.focus({ preventScroll: true });
    };
  }, []);
  return (
    <div ref={root} className="class-picker review-controls" style={place}>
      <Combobox
        label={t('Class of the box')}
        placeholder={t('Type a class')}
        disabled={busy}
        options={classIds.map((classId) => ({
          id: classId,
          text: names[classId] ?? '',
          before: <ClassSwatch classId={classId} />,
        }))}
        addLabel={(text) => t('Add class “{0}”', text)}
        onChoose={(classId) => performer.boxes.chooseClass(classId)}
        onAdd={(name) => void requests.addClass(name)}
        onCancel={() => store.dispatch({ type: 'prompt', prompt: null })}
      />
    </div>
  );
}

function orderOf(state: PanelState): number[] {
  const selected = visibleBoxes(state).find(({ box }) => box.key === state.selected)?.box ?? null;
  const { host, recentClasses } = state;
  return classOrder(host?.classNames.length ?? 0, selected, host?.current?.predictions ?? [], recentClasses);
}

function sizeOf(element: HTMLElement): Size {
  return { width: element.offsetWidth, height: element.offsetHeight };
}

const none: readonly string[] = [];
