import { InvalidViewQuery } from '../view-store.js';
import type { ViewColumn, ViewTable } from './projection-table.js';

const ownColumns: readonly ViewColumn[] = [
  { column: 'key', member: 'key', type: 'uuid' },
  { column: 'project_id', member: 'projectId', type: 'uuid' },
];

/** The only way from a caller's name to an identifier in SQL. */
export const columnNamed = ({ columns }: ViewTable, member: string): ViewColumn => {
  const column = [...ownColumns, ...columns].find((known) => known.member === member);
  if (!column) throw new InvalidViewQuery(member, 'is not a column of this view');
  return column;
};

/**
 * Text by code points, whatever the database's locale: the same order as the indexes. Named through the table (`v`), as
 * the select list gives times the names of their columns, and an order by those texts would use no index.
 */
export const expression = ({ column, type }: ViewColumn): string =>
  type === 'text' ? `v.${column} collate "C"` : `v.${column}`;
