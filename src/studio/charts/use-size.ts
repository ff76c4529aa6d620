import { useCallback, useState } from 'react';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size of a box, for charts that need it in pixels; undefined while the box is not shown. */
export function useSize(): [
  (element: HTMLElement | null) => (() => void) | undefined,
  Size | undefined,
] {
  const [size, setSize] = useState<Size>();
  const observe = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect;
      setSize(width > 0 && height > 0 ? { width, height } : undefined);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [observe, size];
}
