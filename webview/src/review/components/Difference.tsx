import type { ReactNode } from 'react';
import { percent } from '../format.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { type Change, shownDifference } from '../model/difference.ts';
import { plural, t } from '../strings.ts';
import { ClassSwatch } from './ClassSwatch.tsx';

/** More rows would not be read. */
const mostRows = 100;

/** How the boxes differ from what the model predicted: a count of each kind, and a row for each difference. */
export function Difference(): ReactNode {
  const comparing = usePanelState((state) => state.comparing);
  const changes = usePanelState(shownDifference);
  if (!comparing) return null;
  const different = (changes ?? []).filter(({ kind }) => kind !== 'kept');
  return (
    <section className="side-section difference" aria-label={t('What the model thought')}>
      <h2>{t('What the model thought')}</h2>
      <p className="muted">{changes === null ? t('There is nothing to compare on this image.') : summaryOf(changes)}</p>
      {different.length === 0 ? null : (
        <ul>
          {different.slice(0, mostRows).map((change) => (
            <Row key={keyOf(change)} change={change} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ change }: { readonly change: Change }): ReactNode {
  const { store } = usePanel();
  const names = usePanelState((state) => state.host?.classNames ?? noNames);
  const box = change.kind === 'dropped' ? change.predicted : change.box;
  const nameOf = (classId: number): string => names[classId] ?? `#${classId}`;
  return (
    <li>
      <button type="button" onClick={() => store.dispatch({ type: 'select', key: box.key })}>
        <ClassSwatch classId={box.classId} dashed={change.kind === 'dropped'} />
        <span>{textOf(change, nameOf)}</span>
      </button>
    </li>
  );
}

const noNames: readonly string[] = [];

function keyOf(change: Change): string {
  return change.kind === 'dropped' ? `dropped ${change.predicted.key}` : String(change.box.key);
}

/** A difference in words, such as "bolt moved, IoU 72%" or "nut 60% dropped". */
function textOf(change: Change, nameOf: (classId: number) => string): string {
  switch (change.kind) {
    case 'kept':
      return nameOf(change.box.classId);
    case 'added':
      return t('{0} added', nameOf(change.box.classId));
    case 'dropped':
      return t('{0} {1} dropped', nameOf(change.predicted.classId), percent(change.predicted.confidence ?? 0));
    case 'changed': {
      const from = nameOf(change.predicted.classId);
      const to = nameOf(change.box.classId);
      if (change.box.classId === change.predicted.classId) return t('{0} moved, IoU {1}', to, percent(change.overlap));
      return change.overlap > 0.999
        ? t('{0} → {1}', from, to)
        : t('{0} → {1}, IoU {2}', from, to, percent(change.overlap));
    }
  }
}

function hasOtherClass(change: Change): boolean {
  return change.kind === 'changed' && change.box.classId !== change.predicted.classId;
}

/** The number of differences of each kind, such as "3 kept, 1 moved, 2 added". */
function summaryOf(changes: readonly Change[]): string {
  const count = (fits: (change: Change) => boolean): number => changes.filter(fits).length;
  const kept = count(({ kind }) => kind === 'kept');
  const classes = count(hasOtherClass);
  const moved = count((change) => change.kind === 'changed' && !hasOtherClass(change));
  const added = count(({ kind }) => kind === 'added');
  const dropped = count(({ kind }) => kind === 'dropped');
  const parts = [
    kept > 0 ? plural(kept, '{0} kept', '{0} kept') : '',
    moved > 0 ? plural(moved, '{0} moved', '{0} moved') : '',
    classes > 0 ? plural(classes, '{0} with another class', '{0} with another class') : '',
    added > 0 ? plural(added, '{0} added', '{0} added') : '',
    dropped > 0 ? plural(dropped, '{0} dropped', '{0} dropped') : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? t('Nothing was predicted or saved.') : parts.join(', ');
}
