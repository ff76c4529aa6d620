import { useMutation, useQuery } from '@tanstack/react-query';
import type { Classification } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { clients } from '../../../client/clients.ts';
import { useModel } from '../../../state/model-store.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { answerOf, likeliestOf } from './answer-of.ts';
import type { Sides } from './sides.ts';
import { TextForm } from './text-form.tsx';
import { examplesQuery, useSubject } from './use-try.ts';
import styles from './answers.module.css';

/** Two classifiers of texts answer any text; until one is typed it is the first of the examples. */
export function OwnText({ sides }: { sides: Sides }) {
  const subject = useSubject();
  const hasData = useModel((state) => state.view?.data.evaluation !== undefined);
  const { data, isLoading } = useQuery({ ...examplesQuery(subject, [0]), enabled: hasData });
  const answer = useMutation({
    // An answer keeps the names of the models that gave it, whatever is chosen meanwhile.
    mutationFn: async (text: string) => ({
      answer: await clients().engine.classifyText(sides.right.id, text, sides.left.id),
      sides,
    }),
  });
  if (isLoading) return <p role="status">{tryIt.busy}</p>;
  return (
    <section className={styles.box} aria-label={tryIt.answers.text}>
      <TextForm
        label={tryIt.answers.text}
        placeholder={tryIt.answers.textPlaceholder}
        go={tryIt.answers.classify}
        start={data?.[0]?.text}
        onSubmit={(text) => answer.mutate(text)}
      />
      {answer.error && <ErrorNote error={toStudioError(answer.error)} />}
      {answer.data && <Answer {...answer.data} />}
    </section>
  );
}

const SHOWN_CLASSES = 6;

/** Class probabilities of both models, the likeliest classes first. */
function Answer({ answer, sides }: { answer: Classification; sides: Sides }) {
  const { labels, original, compressed } = answer;
  const { left, right } = sides;
  const [was, now] = [answerOf(original), answerOf(compressed)];
  return (
    <>
      <p className={styles.verdict} role="status">
        <strong>
          {was === now
            ? tryIt.answers.same(labels[was])
            : tryIt.answers.differ(left.name, labels[was], right.name, labels[now])}
        </strong>
      </p>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{tryIt.answers.ofClass}</th>
            <th scope="col">{left.name}</th>
            <th scope="col">{right.name}</th>
          </tr>
        </thead>
        <tbody>
          {likeliestOf(original, compressed, SHOWN_CLASSES).map((at) => (
            <tr key={at}>
              <th scope="row">{labels[at]}</th>
              <Probability value={original[at]} bar={styles.hollow} />
              <Probability value={compressed[at]} bar={styles.solid} />
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Probability({ value, bar }: { value: number; bar: string }) {
  const percent = `${(100 * value).toFixed(1)}%`;
  return (
    <td>
      <span>
        <i className={bar} style={{ width: percent }} />
      </span>
      {percent}
    </td>
  );
}
