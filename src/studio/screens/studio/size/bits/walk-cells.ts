import type { KeyboardEvent } from 'react';

/** Arrow keys go to the cell that lies next in their direction. */
export function walkCells(event: KeyboardEvent<HTMLElement>): void {
  const way = WAYS[event.key];
  const from = event.target;
  if (way === undefined || !(from instanceof HTMLButtonElement)) return;
  const cells = [
    ...event.currentTarget.querySelectorAll<HTMLButtonElement>('button[aria-pressed]'),
  ];
  const start = middleOf(from);
  const ahead = cells.flatMap((cell) => {
    const { x, y } = middleOf(cell);
    const [along, across] = [
      (x - start.x) * way.x + (y - start.y) * way.y,
      Math.abs((x - start.x) * way.y) + Math.abs((y - start.y) * way.x),
    ];
    return along > 1 ? [{ cell, cost: along + 3 * across }] : [];
  });
  event.preventDefault();
  event.stopPropagation();
  if (ahead.length > 0) ahead.reduce((a, b) => (b.cost < a.cost ? b : a)).cell.focus();
}

const WAYS: Readonly<Record<string, { readonly x: number; readonly y: number }>> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
};

function middleOf(element: Element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}
