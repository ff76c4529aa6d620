import { ArrowRight } from 'lucide-react';
import { toStudioError } from '../../../../workers/errors.ts';
import type { Sample } from '../../../core/data/samples.ts';
import type { MetricName } from '../../../core/metrics/types.ts';
import { formatBytes, formatMetric } from '../../format/format.ts';
import { useSamples } from '../../state/samples.ts';
import { en } from '../../strings/en.ts';
import { ErrorNote } from '../../ui/error-note.tsx';
import styles from './start-screen.module.css';

interface GalleryProps {
  readonly disabled: boolean;
  readonly onOpen: (reference: string) => void;
}

/** Small trained models that ship with the page, with what they really score. */
export function Gallery({ disabled, onOpen }: GalleryProps) {
  const { data, error } = useSamples();
  return (
    <section aria-label={en.start.gallery}>
      <h2 className={styles.heading}>{en.start.gallery}</h2>
      {error && <ErrorNote error={toStudioError(error)} />}
      <ul className={styles.cards}>
        {data?.map((sample) => (
          <li key={sample.name}>
            <Card
              sample={sample}
              disabled={disabled}
              onOpen={() => onOpen(`sample:${sample.name}`)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface CardProps {
  readonly sample: Sample;
  readonly disabled: boolean;
  readonly onOpen: () => void;
}

function Card({ sample, disabled, onOpen }: CardProps) {
  const total = sample.files.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <button
      type="button"
      className={styles.card}
      disabled={disabled}
      aria-label={en.start.openSample(sample.title)}
      onClick={onOpen}
    >
      <span className={styles.cardHead}>
        <strong>{sample.title}</strong>
        <span>{en.start.tasks[sample.task]}</span>
        <ArrowRight size={14} aria-hidden />
      </span>
      <span className={styles.cardText}>{sample.description}</span>
      <span className={styles.figures}>
        {figuresOf(sample).map(([label, value]) => (
          <span key={label}>
            <b>{value}</b> {label}
          </span>
        ))}
        <span>
          <b>{formatBytes(total)}</b> {en.start.toFetch}
        </span>
      </span>
    </button>
  );
}

/** What the sample really scores, with its error. */
function figuresOf({ figures }: Sample): [string, string][] {
  return Object.entries(figures).flatMap(([name, metric]) => {
    if (metric === undefined) return [];
    const { value, error } = formatMetric(name as MetricName, metric);
    return [[en.metrics[name as MetricName].toLowerCase(), `${value} ${error}`]];
  });
}
