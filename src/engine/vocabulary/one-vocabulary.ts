import type { EvaluationData } from '../../runtime/evaluate/evaluate.ts';
import type { Contenders } from '../../runtime/evaluate/types.ts';
import { scoringTokens, takingTokens, type KeptTokens } from '../../runtime/token-views.ts';

/** Both models take the data's tokens, and are compared on those that the smaller one keeps. */
export function inOneVocabulary(
  { original, model, ...others }: Contenders,
  task: EvaluationData['task'],
  kept: KeptTokens | undefined,
): Contenders {
  const both = { ...(original && { original }), ...others };
  if (kept === undefined) return { ...both, model };
  if (task === 'language-model') return { ...both, model: { ...model, columns: kept.columns } };
  const scoring = original && { ...original, session: scoringTokens(original.session, kept) };
  return {
    ...others,
    ...(scoring && { original: scoring }),
    model: { ...model, session: takingTokens(model.session, kept) },
  };
}
