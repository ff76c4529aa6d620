import { useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { Classification, Example } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { Canvas } from '../../../charts/canvas.tsx';
import { clients } from '../../../client/clients.ts';
import { useModel } from '../../../state/model-store.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { Bars } from './bars.tsx';
import { flipsFirst } from './flips.ts';
import type { Sides } from './sides.ts';
import styles from './try-tab.module.css';

const PAGE = 24;

/** The first page of examples: the same question wherever it is asked. */
export const firstExamples = (sha256: string | undefined) => examplesQuery(sha256, PAGE);

function examplesQuery(sha256: string | undefined, count: number) {
  return {
    queryKey: ['examples', sha256, count],
    queryFn: () => clients().engine.examples(count, 0),
  };
}

/** A classifier answers examples of the evaluation data; those whose answer changed come first. */
export function Examples({ sides: { left, right } }: { sides: Sides }) {
  const [count, setCount] = useState(PAGE);
  const sha256 = useModel((state) => state.view?.sha256);
  const examples = useQuery({
    ...examplesQuery(sha256, count),
    placeholderData: (before) => before,
  });
  const answers = useQueries({
    queries: (examples.data ?? []).map(({ index }) => ({
      queryKey: ['classify', sha256, left.id, right.id, index],
      queryFn: () => clients().engine.classify(right.id, index, left.id),
    })),
  });
  const failure = examples.error ?? answers.find(({ error }) => error !== null)?.error;
  if (failure) return <ErrorNote error={toStudioError(failure)} />;
  if (examples.data?.length === 0) return <p className={styles.empty}>{en.tryIt.noExamples}</p>;
  const cases = flipsFirst(
    (examples.data ?? []).map((example, at) => ({ example, answer: answers[at]?.data })),
  );
  const known = cases.filter(({ answer }) => answer !== undefined);
  const flipped = known.filter(({ flipped: changed }) => changed).length;
  return (
    <>
      <p className={styles.verdict}>
        <strong>{en.tryIt.flipped(flipped, known.length)}</strong>
      </p>
      <ul className={styles.examples}>
        {cases.map(({ example, answer, flipped: changed }) => (
          <Case key={example.index} example={example} answer={answer} flipped={changed} />
        ))}
      </ul>
      <Button className={styles.more} onClick={() => setCount(count + PAGE)}>
        {en.tryIt.more}
      </Button>
    </>
  );
}

interface CaseProps {
  readonly example: Example;
  readonly answer: Classification | undefined;
  readonly flipped: boolean;
}

function Case({ example, answer, flipped }: CaseProps) {
  return (
    <li
      className={styles.case}
      data-flipped={flipped || undefined}
      data-text={example.text !== undefined || undefined}
    >
      <div className={styles.picture}>
        {example.image && <Picture image={example.image} index={example.index} />}
        {example.text !== undefined && <p title={example.text}>{example.text}</p>}
        <small>
          {example.label === undefined
            ? en.tryIt.example(example.index)
            : en.tryIt.expected(example.label)}
          {flipped && <b> {en.tryIt.changed}</b>}
        </small>
      </div>
      {answer && <Bars answer={answer} />}
    </li>
  );
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
  return <Canvas label={en.tryIt.example(index)} className={styles.image} paint={paint} />;
}
