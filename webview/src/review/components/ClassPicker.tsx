import { type ReactNode, useEffect, useRef } from 'react';
import { Combobox } from '../../ui/Combobox.tsx';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { t } from '../strings.ts';
import { ClassSwatch } from './ClassSwatch.tsx';

/** Selects or adds the class of the selected box by its name. */
export function ClassPicker(): ReactNode {
  const open = usePanelState((state) => state.prompt === 'class');
  return open ? <OpenPicker /> : null;
}

function OpenPicker(): ReactNode {
  const { store, performer, requests } = usePanel();
  const names = usePanelState((state) => state.host?.classNames ?? none);
  const busy = usePanelState((state) => state.busy === 'add-class');
  const before = useRef(document.activeElement);
  useEffect(() => {
    const element = before.current;
    return () => {
      if (element instanceof HTMLElement) element.focus({ preventScroll: true });
    };
  }, []);
  return (
    <div className="class-picker review-controls">
      <Combobox
        label={t('Class of the box')}
        placeholder={t('Type a class')}
        disabled={busy}
        options={names.map((name, classId) => ({ id: classId, text: name, before: <ClassSwatch classId={classId} /> }))}
        addLabel={(text) => t('Add class “{0}”', text)}
        onChoose={(classId) => performer.chooseClass(classId)}
        onAdd={(name) => void requests.addClass(name)}
        onCancel={() => store.dispatch({ type: 'prompt', prompt: null })}
      />
    </div>
  );
}

const none: readonly string[] = [];
