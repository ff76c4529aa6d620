import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent, type KeyboardEvent } from 'react';
import type { Classification } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { clients } from '../../../client/clients.ts';
import { useModel } from '../../../state/model-store.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { likeliestOf } from './bars.tsx';
import { firstExamples } from './examples.tsx';
import { answerOf, isFlipped } from './flips.ts';
import type { Side, Sides } from './sides.ts';
import styles from './text-box.module.css';
import tab from './try-tab.module.css';

/** Two classifiers of texts answer any text; until one is typed it is the first of the examples. */
export function TextBox({ sides }: { sides: Sides }) {
  const view = useModel((state) => state.view);
  const hasExamples = view?.data.evaluation !== undefined;
  const examples = useQuery({ ...firstExamples(view?.sha256), enabled: hasExamples });
  const [typed, setTyped] = useState<string>();
  const text = typed ?? examples.data?.[0]?.text ?? '';
  const answer = useMutation({
    // An answer keeps the names of the models that gave it, whatever is chosen meanwhile.
    mutationFn: async ({ left, right }: Sides) => ({
      answer: await clients().engine.classifyText(right.id, text, left.id),
      left,
      right,
    }),
  });
  const submit = (event: FormEvent | KeyboardEvent): void => {
    event.preventDefault();
    if (!answer.isPending && text.trim() !== '') answer.mutate(sides);
  };
  return (
    <section className={styles.box} aria-label={en.tryIt.text}>
      <form className={tab.prompt} onSubmit={submit}>
        <textarea
          aria-label={en.tryIt.text}
          placeholder={en.tryIt.textPlaceholder}
          rows={3}
          value={text}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
          }}
        />
        <Button
          type="submit"
          tone="primary"
          className={styles.go}
          disabled={answer.isPending || text.trim() === ''}
        >
          {answer.isPending ? en.tryIt.busy : en.tryIt.classify}
        </Button>
      </form>
      {answer.error && <ErrorNote error={toStudioError(answer.error)} />}
      {answer.data && <Answer {...answer.data} />}
    </section>
  );
}

interface AnswerProps {
  readonly answer: Classification;
  readonly left: Side;
  readonly right: Side;
}

const SHOWN_CLASSES = 6;

/** Class probabilities of both models, the likeliest classes first. */
function Answer({ answer, left, right }: AnswerProps) {
  const { labels, original, compressed } = answer;
  const [was, now] = [labels[answerOf(original)], labels[answerOf(compressed)]];
  return (
    <>
      <p className={tab.verdict} role="status">
        <strong>
          {isFlipped(answer)
            ? en.tryIt.otherAnswer(left.name, was, right.name, now)
            : en.tryIt.sameAnswer(was)}
        </strong>
      </p>
      <table className={styles.answer}>
        <thead>
          <tr>
            <th scope="col">{en.tryIt.ofClass}</th>
            <th scope="col">{left.name}</th>
            <th scope="col">{right.name}</th>
          </tr>
        </thead>
        <tbody>
          {likeliestOf(answer, SHOWN_CLASSES).map((at) => (
            <tr key={at}>
              <th scope="row">{labels[at]}</th>
              <Probability value={original[at]} bar={tab.originalBar} />
              <Probability value={compressed[at]} bar={tab.compressedBar} />
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
