import { Shuffle } from 'lucide-react';
import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import type { ModelView } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { ValueSlider } from '../../../ui/value-slider.tsx';
import type { Sides } from './sides.ts';
import { SideBySide } from './side-by-side.tsx';
import { usePrompts } from './use-try.ts';
import { useWriting } from './use-writing.ts';
import styles from './try-tab.module.css';
import write from './write.module.css';

interface WriteViewProps {
  readonly view: ModelView;
  readonly sides: Sides;
  /** The other way to compare, to which the honest note leads. */
  readonly onRead: () => void;
}

/** Two language models continue any text; two encoder-decoders make something of it. */
export function WriteView({ view, sides, onRead }: WriteViewProps) {
  const source = view.task === 'sequence-to-sequence';
  const { prompts, own } = usePrompts();
  const [typed, setTyped] = useState<string>();
  const [turn, setTurn] = useState(0);
  const text = typed ?? prompts[turn % prompts.length];
  const [tokens, setTokens] = useState(48);
  const { written, stale, error, isPending, ask } = useWriting(sides, tokens);
  useAtOnce(own, () => ask(text));
  const submit = (event: FormEvent | KeyboardEvent): void => {
    event.preventDefault();
    ask(text);
  };
  const another = (): void => {
    setTyped(undefined);
    setTurn(turn + 1);
    ask(prompts[(turn + 1) % prompts.length]);
  };
  return (
    <>
      <form className={styles.prompt} onSubmit={submit}>
        <textarea
          aria-label={source ? tryIt.writing.source : tryIt.writing.prompt}
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
          <Length tokens={tokens} onChange={setTokens} />
          {prompts.length > 1 && (
            <Button icon={Shuffle} disabled={isPending} onClick={another}>
              {tryIt.writing.another}
            </Button>
          )}
          <Button type="submit" tone="primary" disabled={isPending || text.trim() === ''}>
            {isPending ? tryIt.busy : tryIt.writing.go}
          </Button>
        </div>
      </form>
      {error && <ErrorNote error={toStudioError(error)} />}
      {written && (
        <div className={write.answer} aria-busy={stale} data-stale={stale || undefined}>
          <SideBySide {...written} source={source} onRead={onRead} />
        </div>
      )}
    </>
  );
}

/** A sample's own prompt is answered without being asked: it is small, and there is something to see at once. */
function useAtOnce(known: boolean, ask: () => void): void {
  const asked = useRef(false);
  useEffect(() => {
    if (!known || asked.current) return;
    asked.current = true;
    ask();
  });
}

function Length({ tokens, onChange }: { tokens: number; onChange: (tokens: number) => void }) {
  return (
    <span className={styles.length}>
      <span>{tryIt.writing.tokens}</span>
      <ValueSlider
        label={tryIt.writing.tokens}
        value={tokens}
        minimum={8}
        maximum={128}
        step={8}
        onChange={onChange}
      />
      <span className={styles.count}>{tokens}</span>
    </span>
  );
}
