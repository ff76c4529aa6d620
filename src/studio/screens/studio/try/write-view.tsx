import { useMutation } from '@tanstack/react-query';
import { Shuffle } from 'lucide-react';
import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import type { ModelView } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { clients } from '../../../client/clients.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { ValueSlider } from '../../../ui/value-slider.tsx';
import type { Sides } from './sides.ts';
import { SideBySide } from './side-by-side.tsx';
import { usePrompts } from './use-try.ts';
import styles from './try-tab.module.css';

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
  const answer = useMutation({
    // An answer keeps the models that gave it, whatever is chosen meanwhile.
    mutationFn: async (asked: { sides: Sides; text: string }) => ({
      continuation: await clients().engine.continueText(
        asked.sides.right.id,
        asked.text,
        tokens,
        asked.sides.left.id,
      ),
      sides: asked.sides,
    }),
  });
  const ask = (about: string): void => {
    if (!answer.isPending && about.trim() !== '') answer.mutate({ sides, text: about });
  };
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
            <Button icon={Shuffle} disabled={answer.isPending} onClick={another}>
              {tryIt.writing.another}
            </Button>
          )}
          <Button type="submit" tone="primary" disabled={answer.isPending || text.trim() === ''}>
            {answer.isPending ? tryIt.busy : tryIt.writing.go}
          </Button>
        </div>
      </form>
      {answer.error && <ErrorNote error={toStudioError(answer.error)} />}
      {answer.data && <SideBySide {...answer.data} source={source} onRead={onRead} />}
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
