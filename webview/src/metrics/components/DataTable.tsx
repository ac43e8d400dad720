import type { ReactNode } from 'react';
import type { TableModel } from '../model/table.ts';

/** The values of a chart as a table that scrolls. The first column is the header of the row. */
export function DataTable({ table }: { readonly table: TableModel }): ReactNode {
  return (
    // Focusable, so that the keyboard can scroll it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-scroll" role="region" aria-label={table.caption} tabIndex={0}>
      <table className="data-table">
        <caption className="ui-visually-hidden">{table.caption}</caption>
        <thead>
          <tr>
            {table.columns.map(({ title, numeric }) => (
              <th
                key={title}
                scope="col"
                className={`${numeric ? 'numeric' : ''} ${title.includes(' ') ? '' : 'one-word'}`}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, place) => (
            // Rows have no unique name, and their order never changes.
            <tr key={place}>
              {row.map(({ text }, column) => {
                const className = table.columns[column]?.numeric === true ? 'numeric' : '';
                const key = table.columns[column]?.title ?? column;
                return column === 0 ? (
                  <th key={key} scope="row" className={className}>
                    {text}
                  </th>
                ) : (
                  <td key={key} className={className}>
                    {text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
