import { memo, useId, useRef, type KeyboardEvent, type PointerEvent, type MouseEvent } from 'react';
import type { ReadToken } from '../../../../../workers/protocol.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { klLevel, klText } from './kl-levels.ts';
import { visibleText } from './visible-text.ts';
import styles from './read.module.css';

interface ReadTokensProps {
  readonly tokens: readonly ReadToken[];
  readonly at: number;
  readonly onPick: (at: number) => void;
  readonly onHover: (at: number | undefined) => void;
}

/** One stop for the keyboard, however long the text: arrow keys walk along it. */
export function ReadTokens({ tokens, at, onPick, onHover }: ReadTokensProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const walk = (event: KeyboardEvent): void => {
    const to = target(event.key, at, tokens.length);
    if (to === undefined) return;
    event.preventDefault();
    onPick(to);
    list.current?.children.item(to)?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <div
      ref={list}
      className={styles.tokens}
      role="radiogroup"
      aria-label={tryIt.reading.text}
      aria-activedescendant={`${id}${at}`}
      tabIndex={0}
      onKeyDown={walk}
      onClick={(event) => onPick(placeOf(event) ?? at)}
      onPointerOver={(event) => {
        if (event.pointerType === 'mouse') onHover(placeOf(event));
      }}
      onPointerLeave={() => onHover(undefined)}
    >
      {tokens.map((token, place) => (
        <Token key={place} id={`${id}${place}`} token={token} place={place} picked={place === at} />
      ))}
    </div>
  );
}

function target(key: string, at: number, count: number): number | undefined {
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: count - 1 }[key];
  return to === undefined ? undefined : Math.min(count - 1, Math.max(0, to));
}

function placeOf(event: PointerEvent | MouseEvent): number | undefined {
  const place = event.target instanceof HTMLElement ? event.target.dataset.place : undefined;
  return place === undefined ? undefined : Number(place);
}

interface TokenProps {
  readonly id: string;
  readonly token: ReadToken;
  readonly place: number;
  readonly picked: boolean;
}

/** Colour for KL, an underline where the first choice differs: never colour alone. */
const Token = memo(function Token({ id, token, place, picked }: TokenProps) {
  const { text, predicted } = token;
  const differs = predicted && predicted.left.top.at(0)?.id !== predicted.right.top.at(0)?.id;
  return (
    <span
      id={id}
      role="radio"
      aria-checked={picked}
      className={styles.token}
      data-place={place}
      data-level={predicted ? klLevel(predicted.kl) : undefined}
      data-differs={differs || undefined}
      data-context={predicted === undefined || undefined}
      title={predicted && tryIt.reading.klAt(klText(predicted.kl))}
    >
      {visibleText(text)}
    </span>
  );
});
