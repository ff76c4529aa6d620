import { useState } from 'react';
import type { Reading, ReadToken } from '../../../../../workers/protocol.ts';
import { formatMetric } from '../../../format/format.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { KlScale } from './kl-scale.tsx';
import { ReadTokens } from './read-tokens.tsx';
import { TokenDetail } from './token-detail.tsx';
import styles from './read.module.css';

interface ReadingTextProps {
  readonly reading: Reading;
  readonly left: string;
  readonly right: string;
}

/** A text token by token, coloured by how far apart the two models are, with what both expected at one of them. */
export function ReadingText({ reading, left, right }: ReadingTextProps) {
  const { tokens } = reading;
  const [at, setAt] = useState(() => farthest(tokens));
  const [hovered, setHovered] = useState<number>();
  return (
    <>
      <Summary reading={reading} />
      <div className={styles.reader}>
        <div>
          <KlScale title={tryIt.reading.scale(left, right)} />
          {reading.source !== undefined && (
            <p className={styles.source}>
              <b>{tryIt.reading.source}</b> {reading.source}
            </p>
          )}
          <ReadTokens tokens={tokens} at={at} onPick={setAt} onHover={setHovered} />
          {reading.cut && <p className={styles.cut}>{tryIt.reading.cut}</p>}
        </div>
        <TokenDetail token={tokens[hovered ?? at]} left={left} right={right} />
      </div>
    </>
  );
}

function Summary({ reading: { kl, sameTop1 } }: { reading: Reading }) {
  const [far, same] = [formatMetric('kl', kl), formatMetric('sameTop1', sameTop1)];
  return (
    <p className={styles.summary} role="status">
      <strong>{tryIt.reading.kl(far.value, far.error)}</strong>
      <span> · {tryIt.reading.same(same.value, same.error)} </span>
      <small>{tryIt.reading.of(kl.n)}</small>
    </p>
  );
}

/** The token at which the two are farthest apart: what there is to see first. */
function farthest(tokens: readonly ReadToken[]): number {
  let most = 0;
  tokens.forEach(({ predicted }, at) => {
    if (predicted && predicted.kl > (tokens[most].predicted?.kl ?? -1)) most = at;
  });
  return most;
}
