import type { PlacedPoint } from './layout.ts';

/** The trial that an arrow key leads to: sideways by size, up and down by quality, Home and End to the ends. */
export function neighbour(
  points: readonly PlacedPoint[],
  id: string,
  key: string,
): string | undefined {
  const trials = points.filter(({ point }) => point.kind === 'trial');
  const across = [...trials].sort((a, b) => a.cx - b.cx || a.cy - b.cy);
  const down = [...trials].sort((a, b) => a.cy - b.cy || a.cx - b.cx);
  const step = (order: readonly PlacedPoint[], by: number): string | undefined =>
    order[order.findIndex(({ point }) => point.id === id) + by]?.point.id;
  switch (key) {
    case 'ArrowLeft':
      return step(across, -1);
    case 'ArrowRight':
      return step(across, 1);
    case 'ArrowUp':
      return step(down, -1);
    case 'ArrowDown':
      return step(down, 1);
    case 'Home':
      return across[0]?.point.id;
    case 'End':
      return across.at(-1)?.point.id;
    default:
      return undefined;
  }
}
