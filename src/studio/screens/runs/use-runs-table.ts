import { useTable } from '@tanstack/react-table';
import { useMemo } from 'react';
import type { Trial } from '../../../../workers/protocol.ts';
import { runRow } from '../../runs/run-row.ts';
import { runColumns, runFeatures, SEARCHED } from '../../runs/runs-columns.ts';

/** Sorts, filters and selects trials. */
export function useRunsTable(trials: readonly Trial[]) {
  const data = useMemo(() => trials.map(runRow), [trials]);
  return useTable({
    features: runFeatures,
    columns: runColumns,
    data,
    getRowId: ({ id }) => id,
    initialState: { sorting: [{ id: 'createdAt', desc: true }] },
    enableSortingRemoval: false,
    globalFilterFn: 'includesString',
    getColumnCanGlobalFilter: ({ id }) => SEARCHED.includes(id),
  });
}

export type RunsTableState = ReturnType<typeof useRunsTable>;
