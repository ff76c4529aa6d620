import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Continuation } from '../../../../../workers/protocol.ts';
import { clients } from '../../../client/clients.ts';
import { isSamePair, type Sides } from './sides.ts';

interface Asked {
  readonly sides: Sides;
  readonly text: string;
}

interface Written {
  readonly continuation: Continuation;
  /** An answer keeps the models that gave it, whatever is chosen meanwhile. */
  readonly sides: Sides;
}

/**
 * What both sides write. When a side changes, the same text is asked of the new pair by itself: one question at a
 * time, so that of several changes only the last is asked.
 */
export function useWriting(sides: Sides, tokens: number) {
  const [written, setWritten] = useState<Written>();
  const { mutate, isPending, variables, error } = useMutation({
    mutationFn: ({ sides: { left, right }, text }: Asked) =>
      clients().engine.continueText(right.id, text, tokens, left.id),
    onSuccess: (continuation, asked) => setWritten({ continuation, sides: asked.sides }),
    onError: () => setWritten(undefined),
  });
  const ask = (text: string): void => {
    if (!isPending && text.trim() !== '') mutate({ sides, text });
  };
  // What failed for this pair is not asked again by itself.
  const changed = variables !== undefined && !isSamePair(variables.sides, sides);
  useEffect(() => {
    if (changed && !isPending) mutate({ sides, text: variables.text });
  }, [changed, isPending, mutate, sides, variables]);
  return { written, stale: isPending || changed, error, isPending, ask };
}
