import type { KeyboardEvent } from 'react';

type Key = KeyboardEvent<HTMLButtonElement>;

/** One stop for Tab: arrows go through the heads of a block, and up and down to the next block's. */
export function walkHeads(event: Key): void {
  const cells = buttonsIn(event.currentTarget.parentElement);
  const at = cells.indexOf(event.currentTarget);
  const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (along !== undefined) return go(event, cells.at((at + along + cells.length) % cells.length));
  const row = nextRow(event);
  if (row !== undefined) go(event, buttonsIn(row.querySelector('[role="group"]')).at(at));
}

/** Up and down go through the blocks. */
export function walkRows(event: Key): void {
  const row = nextRow(event);
  if (row !== undefined) go(event, buttonsIn(row.querySelector('th')).at(0));
}

function nextRow({ key, currentTarget }: Key): Element | undefined {
  const row = currentTarget.closest('tr');
  if (key === 'ArrowDown') return row?.nextElementSibling ?? undefined;
  return key === 'ArrowUp' ? (row?.previousElementSibling ?? undefined) : undefined;
}

function buttonsIn(box: Element | null): HTMLButtonElement[] {
  return [...(box?.querySelectorAll('button') ?? [])];
}

function go(event: Key, button: HTMLButtonElement | undefined): void {
  event.preventDefault();
  event.stopPropagation();
  button?.focus();
}
