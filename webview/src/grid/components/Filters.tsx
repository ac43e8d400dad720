import type { ReactNode } from 'react';
import type { GridOrder, GridQueryView, GridSource, GridState } from '../../../../extension/src/protocol/grid.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Dropdown } from '../../ui/Dropdown.tsx';
import { splitList, splitTitle, verdictList, verdictTitle } from '../model/verdicts.ts';
import type { GridPanel } from '../panel/gridPanel.ts';
import { t } from '../strings.ts';

interface FiltersProps {
  readonly panel: GridPanel;
  readonly host: GridState;
  /** Number of listed images. */
  readonly total: number;
  readonly query: GridQueryView;
}

interface Option {
  readonly value: string;
  readonly label: string;
}

/** What is shown, and in which order. */
export function Filters({ panel, host, total, query }: FiltersProps): ReactNode {
  return (
    <div className="filters" role="toolbar" aria-label={t('Filter and sort')}>
      <Choice
        label={t('Images to show')}
        value={query.source}
        options={sourceOptions(host, query.source === 'duplicates' ? total : null)}
        onChange={(source) => panel.filter({ source, like: null })}
      />
      <Choice
        label={t('Class')}
        value={query.classId}
        options={[
          { value: null, label: t('Any class') },
          ...host.classNames.map((label, classId) => ({ value: classId, label })),
        ]}
        onChange={(classId) => panel.filter({ classId })}
      />
      <Choice
        label={t('Verdict')}
        value={query.verdict}
        options={[
          { value: null, label: t('Any verdict') },
          { value: 'none' as const, label: t('No verdict') },
          ...verdictList.map((verdict) => ({ value: verdict, label: verdictTitle(verdict) })),
        ]}
        onChange={(verdict) => panel.filter({ verdict })}
      />
      <Choice
        label={t('Split')}
        value={query.split}
        options={[
          { value: null, label: t('Any split') },
          ...splitList.map((split) => ({ value: split, label: splitTitle(split) })),
        ]}
        onChange={(split) => panel.filter({ split })}
      />
      {host.folders.length > 1 ? (
        <Choice
          label={t('Folder')}
          value={query.folder}
          options={[
            { value: null, label: t('Any folder') },
            ...host.folders.map(({ rootId, path, label, images }) => ({
              value: { rootId, path },
              label: `${label} (${images})`,
            })),
          ]}
          onChange={(folder) => panel.filter({ folder })}
        />
      ) : null}
      <span className="sorting">
        <Choice
          label={t('Sort by')}
          value={query.order}
          options={orderOptions(host, query.source)}
          onChange={(order) => panel.filter({ order })}
        />
        <IconButton
          icon={query.reversed ? 'arrow-up' : 'arrow-down'}
          label={t('Reverse the order')}
          pressed={query.reversed}
          onClick={() => panel.filter({ reversed: !query.reversed })}
        />
      </span>
    </div>
  );
}

interface ChoiceProps<Value> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly onChange: (value: Value) => void;
}

/** A list of values of any kind. They are compared as JSON. */
function Choice<Value>({ label, value, options, onChange }: ChoiceProps<Value>): ReactNode {
  const shown = options.map((option): Option => ({ value: JSON.stringify(option.value), label: option.label }));
  return (
    <Dropdown
      className="filter"
      label={label}
      value={JSON.stringify(value)}
      options={shown}
      onChange={(text) => {
        const chosen = options[shown.findIndex((option) => option.value === text)];
        if (chosen !== undefined) onChange(chosen.value);
      }}
    />
  );
}

/** @param duplicates their number, if they are shown. */
function sourceOptions(
  { counts, listTitle }: GridState,
  duplicates: number | null,
): { value: GridSource; label: string }[] {
  const sources: { value: GridSource; label: string }[] = [
    { value: 'duplicates', label: t('Near duplicates') },
    { value: 'list', label: listTitle ?? '' },
    { value: 'batch', label: t('Batch') },
    { value: 'pool', label: t('Pool') },
    { value: 'labelled', label: t('Labelled') },
    { value: 'all', label: t('All images') },
  ];
  return sources.flatMap(({ value, label }) => {
    const count = value === 'duplicates' ? duplicates : counts[value];
    return count === null ? [] : [{ value, label: `${label} (${count})` }];
  });
}

function orderOptions(
  { metrics, hasPredictions, classNames }: GridState,
  source: GridSource,
): { value: GridOrder; label: string }[] {
  return [
    ...(source === 'pool' || source === 'labelled' || source === 'all'
      ? []
      : [
          {
            value: { kind: 'source' as const },
            label: source === 'batch' ? t('Review order') : t('Order of the list'),
          },
        ]),
    { value: { kind: 'path' }, label: t('Path') },
    ...metrics.map(({ id, title }) => ({ value: { kind: 'score' as const, metric: id }, label: title })),
    ...(hasPredictions ? classNames : []).map((name, classId) => ({
      value: { kind: 'class' as const, classId },
      label: t('Most {0}', name),
    })),
  ];
}
