import { useCallback, type ReactNode } from 'react';
import { Canvas } from '../../../charts/canvas.tsx';
import { numberText } from './number-text.ts';
import styles from './weights-tab.module.css';

interface ColorScaleProps {
  readonly label: string;
  readonly extent: number;
  readonly table: Uint32Array;
  readonly children?: ReactNode;
}

/** What the colours of a map stand for. */
export function ColorScale({ label, extent, table, children }: ColorScaleProps) {
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      const bar = new OffscreenCanvas(table.length, 1);
      const bytes = new Uint8ClampedArray(table.slice().buffer);
      bar.getContext('2d')?.putImageData(new ImageData(bytes, table.length, 1), 0, 0);
      context.drawImage(bar, 0, 0, width, height);
    },
    [table],
  );
  const end = numberText(extent);
  return (
    <div className={styles.scale}>
      <span>{label}</span>
      <span>−{end}</span>
      <Canvas label={`${label}: −${end} … ${end}`} paint={paint} />
      <span>{end}</span>
      {children}
    </div>
  );
}
