import { useCallback, useMemo, useRef, type KeyboardEvent, type MouseEvent } from 'react';
import { chosenLayers, selectLayers, useView } from '../../../state/view-store.ts';
import { layers as t } from '../../../strings/en-layers.ts';
import { chooseBits } from './bits-select.tsx';
import type { Line } from './layer-groups.ts';
import { between, clicked, stepped } from './selection.ts';

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: -Infinity,
  End: Infinity,
};

/** One or several rows: clicks and arrow keys, alone or with Shift and Ctrl; digits give the chosen ones bits. */
export function useSelection(lines: readonly Line[], offered: readonly number[]) {
  const layer = useView((state) => state.layer);
  const alongside = useView((state) => state.alongside);
  const anchor = useRef<string>(undefined);
  const order = useMemo(
    () => lines.flatMap((line) => (line.kind === 'layer' ? [line.row.name] : [])),
    [lines],
  );
  const chosen = useMemo(() => new Set(chosenLayers({ layer, alongside })), [layer, alongside]);
  const onSelect = useCallback(
    (name: string, event: MouseEvent): void => {
      const { layer: last, ...view } = useView.getState();
      const now = chosenLayers({ layer: last, alongside: view.alongside });
      selectLayers(clicked(order, now, anchor.current ?? last, name, event));
      if (!event.shiftKey) anchor.current = name;
    },
    [order],
  );
  const walk = (event: KeyboardEvent, by: number): void => {
    const next = stepped(order, layer, by);
    if (next === undefined) return;
    anchor.current = event.shiftKey ? (anchor.current ?? layer) : next;
    selectLayers(event.shiftKey ? between(order, anchor.current ?? next, next) : [next]);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // A select of a row has keys of its own.
    if (event.target instanceof HTMLSelectElement) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = STEPS[event.key];
    const bits = Number(event.key);
    if (by !== undefined && event.target === event.currentTarget) walk(event, by);
    else if (t.keys.some((key) => key === event.key) || offered.includes(bits)) {
      chooseBits([...chosen], bits);
    } else return;
    event.preventDefault();
  };
  return { layer, chosen, onSelect, onKeyDown };
}
