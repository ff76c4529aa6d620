import { useEffect, useRef } from 'react';
import { useScheme } from './plot-colors.ts';

interface CanvasProps {
  /** What the picture shows, in words. */
  readonly label: string;
  readonly className?: string;
  /** Paints in CSS pixels. Must be stable between renders that show the same. */
  readonly paint: (context: CanvasRenderingContext2D, width: number, height: number) => void;
}

/** A canvas as large as its box and as sharp as the screen, repainted on resize and theme change. */
export function Canvas({ label, className, paint }: CanvasProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const scheme = useScheme();
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext('2d');
    if (canvas == null || context == null) return undefined;
    const draw = (): void => {
      const { clientWidth: width, clientHeight: height } = canvas;
      const ratio = window.devicePixelRatio;
      const sized = [Math.round(width * ratio), Math.round(height * ratio)] as const;
      if (canvas.width !== sized[0] || canvas.height !== sized[1]) {
        [canvas.width, canvas.height] = sized;
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      paint(context, width, height);
    };
    const observer = new ResizeObserver(draw);
    observer.observe(canvas);
    draw();
    return () => observer.disconnect();
  }, [paint, scheme]);
  return <canvas ref={ref} role="img" aria-label={label} className={className} />;
}
