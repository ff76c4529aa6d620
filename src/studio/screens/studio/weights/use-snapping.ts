import { useEffect, useRef, useState } from 'react';

const SNAP_MS = 220;

/**
 * Places on their way from where they are drawn to where they belong: short, and none for people who asked for
 * less motion. Places of something else (another `of`) are taken at once.
 */
export function useSnapping(
  target: Float32Array | undefined,
  of: string,
): Float32Array | undefined {
  const [shown, setShown] = useState({ of, places: target });
  const drawn = useRef(shown);
  useEffect(() => {
    const show = (places: Float32Array | undefined): void => {
      drawn.current = { of, places };
      setShown(drawn.current);
    };
    const from = drawn.current.of === of ? drawn.current.places : undefined;
    if (target === undefined || from?.length !== target.length || wantsLessMotion()) {
      show(target);
      return undefined;
    }
    const start = performance.now();
    let frame = requestAnimationFrame(function move(now) {
      const share = Math.min(1, Math.max(0, (now - start) / SNAP_MS));
      show(share === 1 ? target : between(from, target, 1 - (1 - share) ** 3));
      if (share < 1) frame = requestAnimationFrame(move);
    });
    return () => cancelAnimationFrame(frame);
  }, [target, of]);
  return shown.of === of ? shown.places : target;
}

function between(from: Float32Array, to: Float32Array, share: number): Float32Array {
  return from.map((place, i) => place + (to[i] - place) * share);
}

function wantsLessMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
