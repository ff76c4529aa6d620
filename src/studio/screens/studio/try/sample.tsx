import { useQueries } from '@tanstack/react-query';
import type { TryData } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { grouped } from '../../../format/format.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { changeOf, spread, type Place } from './answers.ts';
import { answerOf } from './answer-of.ts';
import { CaseList } from './case-list.tsx';
import { Legend } from './legend.tsx';
import type { Sides } from './sides.ts';
import { classifyQuery, useSubject } from './use-try.ts';
import styles from './answers.module.css';

const LOOKED_AT = 24;

interface SampleProps {
  readonly data: TryData;
  readonly sides: Sides;
  readonly labels: readonly string[] | undefined;
}

/** Where the report keeps no answers: a few examples, spread over the data, and a word that they are few. */
export function Sample({ data, sides, labels }: SampleProps) {
  const subject = useSubject();
  const indices = spread(data.count, LOOKED_AT);
  const answers = useQueries({
    queries: indices.map((index) => classifyQuery(subject, sides, index)),
  });
  const failure = answers.find(({ error }) => error !== null)?.error;
  if (failure) return <ErrorNote error={toStudioError(failure)} />;
  const known = answers.flatMap(({ data: answer }, at): Place[] => {
    if (answer === undefined) return [];
    const { original, compressed, expected } = answer;
    return [
      { index: indices[at], left: answerOf(original), right: answerOf(compressed), expected },
    ];
  });
  const isChanged = ({ left, right, expected }: Place) => changeOf(left, right, expected);
  const changed = known.filter(isChanged);
  const done = known.length === indices.length;
  const total = grouped(data.count);
  return (
    <>
      <p className={styles.verdict} role="status">
        <strong>
          {!done
            ? tryIt.answers.sampling(indices.length, total)
            : changed.length === 0
              ? tryIt.answers.none(grouped(indices.length))
              : tryIt.answers.changed(grouped(changed.length), grouped(indices.length))}
        </strong>
        {done && <small>{tryIt.answers.sampled(indices.length, total)}</small>}
      </p>
      <Legend left={sides.left.name} right={sides.right.name} />
      {done && (
        <CaseList
          places={[...changed, ...known.filter((place) => !isChanged(place))]}
          sides={sides}
          labels={labels}
        />
      )}
    </>
  );
}
