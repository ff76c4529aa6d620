import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent, type KeyboardEvent } from 'react';
import type { Continuation } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { clients } from '../../../client/clients.ts';
import { en } from '../../../strings/en.ts';
import { useSamplePrompt } from '../../../state/samples.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { ValueSlider } from '../../../ui/value-slider.tsx';
import type { Sides } from './sides.ts';
import { countDifferences, FULL_KL, markDifferences, tone } from './token-tone.ts';
import styles from './try-tab.module.css';

interface PromptProps {
  readonly sides: Sides;
  readonly enabled: boolean;
  /** What the text is to the models. */
  readonly label?: string;
}

/** Two language models continue any text; two encoder-decoders make something of it. */
export function Prompt({ sides, enabled, label = en.tryIt.prompt }: PromptProps) {
  const [typed, setTyped] = useState<string>();
  const prompt = useSamplePrompt();
  const text = typed ?? prompt;
  const [tokens, setTokens] = useState(48);
  const answer = useMutation({
    // An answer keeps the names of the models that gave it, whatever is chosen meanwhile.
    mutationFn: async ({ left, right }: Sides) => ({
      continuation: await clients().engine.continueText(right.id, text, tokens, left.id),
      left: left.name,
      right: right.name,
    }),
  });
  const submit = (event: FormEvent | KeyboardEvent): void => {
    event.preventDefault();
    if (!answer.isPending) answer.mutate(sides);
  };
  if (!enabled) return <p className={styles.empty}>{en.tryIt.noTokenizer}</p>;
  return (
    <>
      <form className={styles.prompt} onSubmit={submit}>
        <textarea
          aria-label={label}
          rows={2}
          value={text}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
              submit(event);
            }
          }}
        />
        <div className={styles.controls}>
          <span>{en.tryIt.tokens}</span>
          <ValueSlider
            label={en.tryIt.tokens}
            value={tokens}
            minimum={8}
            maximum={128}
            step={8}
            onChange={setTokens}
          />
          <span className={styles.count}>{tokens}</span>
          <Button type="submit" tone="primary" disabled={answer.isPending || text === ''}>
            {answer.isPending ? en.tryIt.busy : en.tryIt.go}
          </Button>
        </div>
      </form>
      {answer.error && <ErrorNote error={toStudioError(answer.error)} />}
      {answer.data && <SideBySide {...answer.data} />}
    </>
  );
}

interface SideBySideProps {
  readonly continuation: Continuation;
  readonly left: string;
  readonly right: string;
}

function SideBySide({ continuation, left, right }: SideBySideProps) {
  const { original, compressed } = continuation;
  return (
    <>
      <p className={styles.verdict}>
        <strong>{en.tryIt.differ(countDifferences(continuation), compressed.length)}</strong>
        <KlScale title={en.tryIt.kl(left, right)} />
      </p>
      <div className={styles.sides}>
        <Answer title={left} continuation={continuation} side="original" />
        <Answer title={right} continuation={continuation} side="compressed" />
      </div>
      {original.length === 0 && compressed.length === 0 && <p>–</p>}
    </>
  );
}

interface AnswerProps {
  readonly title: string;
  readonly continuation: Continuation;
  readonly side: 'original' | 'compressed';
}

function Answer({ title, continuation, side }: AnswerProps) {
  const other = side === 'original' ? continuation.compressed : continuation.original;
  const tokens = markDifferences(continuation[side], other);
  return (
    <section className={styles.side} aria-label={title}>
      <h3>{title}</h3>
      <p>
        <span className={styles.given}>{continuation.prompt.map(({ text }) => text).join('')}</span>
        {tokens.map(({ text, probability, kl, differs }, at) => (
          <Token key={at} {...{ text, probability, kl, differs }} />
        ))}
      </p>
    </section>
  );
}

interface TokenProps {
  readonly text: string;
  readonly probability: number;
  readonly kl?: number;
  readonly differs: boolean;
}

/** Colour for KL, underline for another choice: never colour alone. */
function Token({ text, probability, kl, differs }: TokenProps) {
  const share = `${Math.round(tone(kl) * 100)}%`;
  const title = en.tryIt.tokenTitle(probability.toFixed(2), kl?.toFixed(3));
  const style = { '--tone': share } as React.CSSProperties;
  return differs ? (
    <mark className={styles.token} data-differs title={title} style={style}>
      {text}
    </mark>
  ) : (
    <span className={styles.token} title={title} style={style}>
      {text}
    </span>
  );
}

function KlScale({ title }: { title: string }) {
  return (
    <span className={styles.scale} title={title}>
      {en.tryIt.klScale} 0 <i /> ≥ {FULL_KL}
    </span>
  );
}
