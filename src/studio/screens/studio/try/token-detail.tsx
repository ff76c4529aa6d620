import { Check } from 'lucide-react';
import type { Expectation, Likely, ReadToken } from '../../../../../workers/protocol.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { klLevel, klText } from './kl-levels.ts';
import { quotedText } from './visible-text.ts';
import styles from './read.module.css';

interface TokenDetailProps {
  readonly token: ReadToken;
  readonly left: string;
  readonly right: string;
}

/** What both models expected where a token stands. */
export function TokenDetail({ token, left, right }: TokenDetailProps) {
  const { predicted } = token;
  return (
    <section className={styles.detail} aria-label={tryIt.reading.detail} aria-live="polite">
      <h2>
        <code>{quotedText(token.text)}</code>
        {predicted && (
          <span className={styles.kl}>
            <i data-level={klLevel(predicted.kl)} />
            {tryIt.reading.klAt(klText(predicted.kl))}
          </span>
        )}
      </h2>
      {predicted === undefined ? (
        <p>{tryIt.reading.context}</p>
      ) : (
        <div className={styles.expectations}>
          <Expected name={left} token={token} expectation={predicted.left} />
          <Expected name={right} token={token} expectation={predicted.right} solid />
        </div>
      )}
      <p className={styles.hint}>{tryIt.reading.pick}</p>
    </section>
  );
}

interface ExpectedProps {
  readonly name: string;
  readonly token: ReadToken;
  readonly expectation: Expectation;
  readonly solid?: boolean;
}

/** The likeliest tokens, and the one that stands there where it is none of them. */
function Expected({ name, token, expectation, solid }: ExpectedProps) {
  const { id, text } = token;
  const { top, probability } = expectation;
  const known = top.some((likely) => likely.id === id);
  return (
    <div>
      <h3>{tryIt.reading.expects(name)}</h3>
      <ol>
        {top.map((likely) => (
          <Line key={likely.id} likely={likely} here={likely.id === id} solid={solid} />
        ))}
        {!known && <Line likely={{ id, text, probability }} here solid={solid} apart />}
      </ol>
    </div>
  );
}

interface LineProps {
  readonly likely: Likely;
  readonly here: boolean;
  readonly solid?: boolean;
  readonly apart?: boolean;
}

function Line({ likely: { text, probability }, here, solid, apart }: LineProps) {
  return (
    <li data-here={here || undefined} data-apart={apart}>
      <code title={here ? tryIt.reading.right : undefined}>
        {quotedText(text)}
        {here && <Check size={12} aria-label={tryIt.reading.right} />}
      </code>
      <span className={styles.bar}>
        <i data-solid={solid || undefined} style={{ width: `${100 * probability}%` }} />
      </span>
      <span className={styles.p}>{probabilityText(probability)}</span>
    </li>
  );
}

/** Rare tokens keep a digit: 0.0004 is not 0. */
export function probabilityText(probability: number): string {
  if (probability >= 0.0995) return probability.toFixed(2);
  return probability >= 0.00095 ? probability.toPrecision(1) : probability.toExponential(0);
}
