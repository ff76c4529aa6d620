import { useMemo } from 'react';
import type { SampleFrontier } from '../../../core/data/samples.ts';
import { useSize } from '../../charts/use-size.ts';
import { formatBytes } from '../../format/format.ts';
import { drawFrontier, tellingPoint, type Drawing, type Spot } from '../../start/telling.ts';
import { start } from '../../strings/en-start.ts';
import styles from './showcase.module.css';

interface MiniFrontierProps {
  readonly frontier: SampleFrontier;
  /** With axes and sizes written beside the points, or as a sparkline. */
  readonly labelled?: boolean;
}

/** Quality against size in a few strokes; the words beside it say the same, so it is no image to readers. */
export function MiniFrontier({ frontier, labelled = false }: MiniFrontierProps) {
  const [box, size] = useSize();
  return (
    <span ref={box} className={labelled ? styles.plot : styles.spark}>
      {size && <Picture frontier={frontier} labelled={labelled} {...size} />}
    </span>
  );
}

type PictureProps = Required<MiniFrontierProps> & {
  readonly width: number;
  readonly height: number;
};

function Picture({ frontier, labelled, width, height }: PictureProps) {
  const drawing = useMemo(() => {
    const room = labelled
      ? { left: 40, right: 56, top: 20, bottom: 32 }
      : { left: 6, right: 6, top: 6, bottom: 6 };
    return drawFrontier(frontier, { width, height, ...room });
  }, [frontier, labelled, width, height]);
  const told = tellingPoint(frontier);
  return (
    <svg width={width} height={height} aria-hidden>
      {labelled && <Axes frontier={frontier} width={width} height={height} />}
      <path className={styles.line} d={drawing.line} />
      <Original spot={drawing.original} />
      {drawing.points.map(({ point, best, ...spot }) => (
        <g key={point.name} className={best ? styles.best : styles.other}>
          {labelled && <Bar spot={spot} />}
          <circle cx={spot.x} cy={spot.y} r={labelled ? 4.5 : 2.5} />
          {point === told && (
            <circle className={styles.ring} cx={spot.x} cy={spot.y} r={labelled ? 9 : 5} />
          )}
        </g>
      ))}
      {labelled && <Sizes drawing={drawing} frontier={frontier} />}
    </svg>
  );
}

function Original({ spot: { x, y } }: { spot: Spot }) {
  return <rect className={styles.original} x={x - 4} y={y - 4} width={8} height={8} />;
}

/** ± one standard error. */
function Bar({ spot: { x, y, error } }: { spot: Spot }) {
  return <path className={styles.bar} d={`M${x} ${y - error}V${y + error}`} />;
}

function Sizes({ drawing, frontier }: { drawing: Drawing; frontier: SampleFrontier }) {
  const told = tellingPoint(frontier);
  const spot = drawing.points.find(({ point }) => point === told);
  const { original } = drawing;
  return (
    <g className={styles.sizes}>
      <text x={original.x} y={original.y - 10} textAnchor="middle">
        {formatBytes(frontier.original.bytes)}
      </text>
      {spot && (
        <text className={styles.toldSize} x={spot.x + 12} y={spot.y + 30}>
          {formatBytes(told.bytes)}
        </text>
      )}
    </g>
  );
}

function Axes({ frontier, width, height }: Omit<PictureProps, 'labelled'>) {
  const [left, bottom] = [20, height - 18];
  return (
    <g className={styles.axes}>
      <path d={`M${left} 8V${bottom}H${width - 8}`} />
      <text x={width - 8} y={height - 4} textAnchor="end">
        {start.axisSize}
      </text>
      <text transform={`translate(12 ${bottom}) rotate(-90)`}>{start.axis[frontier.metric]}</text>
    </g>
  );
}
