import { useQuery } from '@tanstack/react-query';
import { Check, X } from 'lucide-react';
import { useCallback } from 'react';
import type { Classification, Example } from '../../../../../workers/protocol.ts';
import { Canvas } from '../../../charts/canvas.tsx';
import { tryIt } from '../../../strings/en-try.ts';
import { likeliestOf } from './answer-of.ts';
import { changeOf, type Place } from './answers.ts';
import { withoutFile, type Sides } from './sides.ts';
import { useRested } from './use-rested.ts';
import { classifyQuery, useSubject } from './use-try.ts';
import styles from './answers.module.css';

interface CaseProps {
  readonly place: Place;
  readonly example: Example | undefined;
  readonly sides: Sides;
  readonly labels: readonly string[] | undefined;
}

/** One example: what it is, what both sides answer, right or wrong, and how sure they are. */
export function Case({ place, example, sides, labels }: CaseProps) {
  const { index, left, right, expected } = place;
  const subject = useSubject();
  const rested = useRested();
  const { data: answer } = useQuery({
    ...classifyQuery(subject, sides, index),
    enabled: rested && withoutFile(sides) === undefined,
  });
  const change = changeOf(left, right, expected);
  const name = (label: number): string => labels?.[label] ?? String(label);
  return (
    <div
      className={styles.case}
      role="listitem"
      data-text={example?.text !== undefined || undefined}
    >
      <div className={styles.what}>
        {example?.image && <Picture image={example.image} index={index} />}
        {example?.text !== undefined && <p title={example.text}>{example.text}</p>}
      </div>
      <div className={styles.said}>
        <p className={styles.is}>
          <span>
            {expected === undefined
              ? tryIt.answers.example(index)
              : tryIt.answers.is(name(expected))}
          </span>
          {change && (
            <b data-change={change} title={tryIt.answers.meaning[change]}>
              {tryIt.answers.badge[change]}
            </b>
          )}
        </p>
        <Answer side={sides.left.name} label={name(left)} right={isRight(left, expected)} />
        <Answer
          side={sides.right.name}
          label={name(right)}
          right={isRight(right, expected)}
          solid
        />
        {answer && <Bars answer={answer} />}
      </div>
    </div>
  );
}

function isRight(answer: number, expected: number | undefined): boolean | undefined {
  return expected === undefined ? undefined : answer === expected;
}

interface AnswerProps {
  readonly side: string;
  readonly label: string;
  readonly right: boolean | undefined;
  readonly solid?: boolean;
}

function Answer({ side, label, right, solid }: AnswerProps) {
  const said = right === true ? tryIt.answers.correct : tryIt.answers.wrong;
  const Mark = right === true ? Check : X;
  return (
    <p className={styles.answer} title={`${side}: ${label}`}>
      <i className={solid ? styles.solid : styles.hollow} />
      <span className="visually-hidden">{side}</span>
      <b>{label}</b>
      {right !== undefined && (
        <span className={styles.mark} data-wrong={!right || undefined}>
          <Mark size={12} aria-hidden /> {said}
        </span>
      )}
    </p>
  );
}

const SHOWN_LABELS = 3;

/** Probabilities of both sides for the likeliest labels. */
function Bars({ answer: { labels, original, compressed } }: { answer: Classification }) {
  return (
    <dl className={styles.bars}>
      {likeliestOf(original, compressed, SHOWN_LABELS).map((at) => (
        <div key={at} title={`${percent(original[at])} → ${percent(compressed[at])}`}>
          <dt>{labels[at]}</dt>
          <dd>
            <i className={styles.hollow} style={{ width: percent(original[at]) }} />
            <i className={styles.solid} style={{ width: percent(compressed[at]) }} />
          </dd>
          <dd className={styles.percent}>
            {percent(original[at])} → {percent(compressed[at])}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(0)}%`;
}

function Picture({ image, index }: { image: NonNullable<Example['image']>; index: number }) {
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      const pixels = new OffscreenCanvas(image.width, image.height);
      const data = new ImageData(Uint8ClampedArray.from(image.rgba), image.width, image.height);
      pixels.getContext('2d')?.putImageData(data, 0, 0);
      context.imageSmoothingEnabled = image.width > width;
      context.drawImage(pixels, 0, 0, width, height);
    },
    [image],
  );
  return <Canvas label={tryIt.answers.example(index)} className={styles.image} paint={paint} />;
}
