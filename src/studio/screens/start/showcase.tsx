import { ArrowRight } from 'lucide-react';
import { toStudioError } from '../../../../workers/errors.ts';
import type { Sample, SampleFrontier, Thumbnail } from '../../../core/data/samples.ts';
import { formatBytes, formatRatio, isShare, significant } from '../../format/format.ts';
import { tellingPoint } from '../../start/telling.ts';
import { useSamples } from '../../state/samples.ts';
import { en } from '../../strings/en.ts';
import { start } from '../../strings/en-start.ts';
import { ErrorNote } from '../../ui/error-note.tsx';
import { preloadStudio } from '../preload.ts';
import { MiniFrontier } from './mini-frontier.tsx';
import styles from './showcase.module.css';

interface ShowcaseProps {
  readonly disabled: boolean;
  readonly onOpen: (reference: string) => void;
}

/** The first sample large, with its measured frontier: what one comes for. */
export function Hero({ disabled, onOpen }: ShowcaseProps) {
  const { data } = useSamples();
  const sample = data?.find(({ frontier }) => frontier !== undefined);
  if (sample?.frontier === undefined) return null;
  const { name, title, frontier } = sample;
  return (
    <button
      type="button"
      className={styles.hero}
      disabled={disabled}
      aria-label={start.openMeasured(en.start.openSample(title), outcome(frontier))}
      onPointerEnter={preloadStudio}
      onClick={() => onOpen(`sample:${name}`)}
    >
      <span className={styles.heroWords}>
        <span className={styles.kicker}>
          {title}, {en.start.tasks[sample.task]}
        </span>
        <span className={styles.headline}>{sizes(frontier)}</span>
        <span className={styles.cost}>{quality(frontier)}</span>
      </span>
      <MiniFrontier frontier={frontier} labelled />
      <span className={styles.foot}>
        {start.measuredBy(frontier.points.length)}
        <span className={styles.go}>
          {start.openThis} <ArrowRight size={14} aria-hidden />
        </span>
      </span>
    </button>
  );
}

/** The other samples. */
export function Gallery({ disabled, onOpen }: ShowcaseProps) {
  const { data = [], error } = useSamples();
  const hero = data.find(({ frontier }) => frontier !== undefined);
  return (
    <>
      {error && <ErrorNote error={toStudioError(error)} />}
      <ul className={styles.cards}>
        {data
          .filter((sample) => sample !== hero)
          .map((sample) => (
            <li key={sample.name}>
              <Card sample={sample} disabled={disabled} onOpen={onOpen} />
            </li>
          ))}
      </ul>
    </>
  );
}

function Card({ sample, disabled, onOpen }: ShowcaseProps & { readonly sample: Sample }) {
  const { name, title, task, description, thumbnail, frontier, files } = sample;
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <button
      type="button"
      className={styles.card}
      disabled={disabled}
      aria-label={
        frontier
          ? start.openMeasured(en.start.openSample(title), outcome(frontier))
          : en.start.openSample(title)
      }
      onPointerEnter={preloadStudio}
      onClick={() => onOpen(`sample:${name}`)}
    >
      {thumbnail && <Glance thumbnail={thumbnail} />}
      <span className={styles.cardHead}>
        <strong>{title}</strong>
        <span>{en.start.tasks[task]}</span>
      </span>
      <span className={styles.cardText}>{description}</span>
      {frontier && (
        <span className={styles.measured}>
          <MiniFrontier frontier={frontier} />
          <span>
            <b>{sizes(frontier)}</b>
            {quality(frontier)}
          </span>
        </span>
      )}
      <span className={styles.fetch}>
        {formatBytes(total)} {en.start.toFetch}
      </span>
    </button>
  );
}

/** A look at the data, as it is. */
function Glance({ thumbnail }: { thumbnail: Thumbnail }) {
  if (thumbnail.kind === 'text') return <q className={styles.sentence}>{thumbnail.text}</q>;
  return (
    <span className={styles.pictures}>
      {thumbnail.images.map((image) => (
        <img key={image} src={image} alt="" width={48} height={48} />
      ))}
    </span>
  );
}

/** 1.24 MB → 272 kB */
function sizes(frontier: SampleFrontier): string {
  const { original } = frontier;
  return `${formatBytes(original.bytes)} → ${formatBytes(tellingPoint(frontier).bytes)}`;
}

/** perplexity 3.57 → 3.87 */
function quality(frontier: SampleFrontier): string {
  const { metric, original } = frontier;
  const [before, after] = [original, tellingPoint(frontier)].map(({ value }) =>
    isShare(metric) ? `${(100 * value).toFixed(1)} %` : significant(value),
  );
  return `${en.metrics[metric].toLowerCase()} ${before} → ${after}`;
}

function outcome(frontier: SampleFrontier): string {
  const smaller = formatRatio(frontier.original.bytes, tellingPoint(frontier).bytes);
  return `${sizes(frontier)}, ${smaller}, ${quality(frontier)}`;
}
