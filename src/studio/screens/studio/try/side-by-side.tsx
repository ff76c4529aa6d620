import type { Continuation, TokenStep } from '../../../../../workers/protocol.ts';
import { ORIGINAL } from '../../../../../workers/protocol.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { Button } from '../../../ui/button.tsx';
import { honestWords } from './honest-words.ts';
import { klLevel, klText } from './kl-levels.ts';
import { KlScale } from './kl-scale.tsx';
import { isParted, partingOf, type Parting } from './parting.ts';
import type { Sides } from './sides.ts';
import { probabilityText } from './token-detail.tsx';
import { quotedText, visibleText } from './visible-text.ts';
import styles from './write.module.css';

interface SideBySideProps {
  readonly continuation: Continuation;
  readonly sides: Sides;
  /** The text asked about is no part of the answer. */
  readonly source: boolean;
  readonly onRead: () => void;
}

/** What both write, once; then both ways side by side, from the token at which they part. */
export function SideBySide({ continuation, sides, source, onRead }: SideBySideProps) {
  const parting = partingOf(continuation);
  const { left, right } = sides;
  return (
    <>
      <div className={styles.verdict}>
        <p role="status">
          <strong>{sentence(parting)}</strong>
        </p>
        <Button onClick={onRead}>{tryIt.writing.tokenByToken}</Button>
      </div>
      <Honest sides={sides} parted={isParted(parting)} />
      <section className={styles.common} aria-label={tryIt.writing.common}>
        <p>
          {!source && (
            <span className={styles.given}>
              {continuation.prompt.map(({ text }) => text).join('')}
            </span>
          )}
          <Tokens steps={parting.common} />
          {isParted(parting) && <b className={styles.more}>{`… ${tryIt.writing.parting}`}</b>}
        </p>
      </section>
      {isParted(parting) && (
        <div className={styles.ways}>
          <Way name={left.name} other={right.name} steps={parting.left} />
          <Way name={right.name} other={left.name} steps={parting.right} />
        </div>
      )}
      <KlScale title={tryIt.reading.scale(left.name, right.name)} underline={false} />
    </>
  );
}

function sentence(parting: Parting): string {
  const { length } = parting.common;
  if (!isParted(parting)) return tryIt.writing.all(length);
  return length === 0 ? tryIt.writing.apart : tryIt.writing.same(length);
}

interface WayProps {
  readonly name: string;
  readonly other: string;
  readonly steps: readonly TokenStep[];
}

/** One model's own way, with what both give its first token. */
function Way({ name, other, steps }: WayProps) {
  const first = steps.at(0);
  return (
    <section className={styles.way} aria-label={name}>
      <h2>{name}</h2>
      {first && (
        <p className={styles.parting}>
          <code>{quotedText(first.text)}</code>
          <span>{tryIt.writing.gives(name, probabilityText(first.probability))}</span>
          {first.otherwise !== undefined && (
            <span>{tryIt.writing.gives(other, probabilityText(first.otherwise))}</span>
          )}
        </p>
      )}
      <p>{steps.length === 0 ? <i>{tryIt.writing.ends}</i> : <Tokens steps={steps} parted />}</p>
    </section>
  );
}

function Tokens({ steps, parted }: { steps: readonly TokenStep[]; parted?: boolean }) {
  return steps.map(({ text, probability, kl }, at) => (
    <span
      key={at}
      className={styles.token}
      data-level={kl === undefined ? undefined : klLevel(kl)}
      data-first={(parted && at === 0) || undefined}
      title={tryIt.writing.tokenTitle(
        probabilityText(probability),
        kl === undefined ? undefined : klText(kl),
      )}
    >
      {visibleText(text)}
    </span>
  ));
}

interface HonestProps {
  readonly sides: Sides;
  readonly parted: boolean;
}

/** Texts that part say nothing of how often the models differ: the evaluation counted that. */
function Honest({ sides: { left, right }, parted }: HonestProps) {
  const measured = left.id === ORIGINAL ? right.trial?.report?.evaluation : undefined;
  const words = honestWords(right.name, measured?.compressed.sameTop1, parted);
  return words === '' ? null : <p className={styles.honest}>{words}</p>;
}
