import type { Companions } from '../../core/companions/types.ts';
import { companionJson } from '../../core/companions/files.ts';
import type { Work } from '../../core/methods/contract.ts';
import type { Plan, PlannedStep } from '../../core/recipe/plan-types.ts';
import { loadTokenizer } from '../../core/text/tokenizer.ts';
import type { KeptTokens } from '../../runtime/token-views.ts';
import { readCompanions, followedBy } from '../companions.ts';
import type { OpenModel } from '../model/open.ts';

/** A model as some steps leave its vocabulary. */
export interface Spoken {
  /** The opened model with the tokenizer they leave: what reads data for it. */
  readonly open: OpenModel;
  /** Which of the opened model's tokens these are; absent where all stayed. */
  readonly kept?: KeptTokens;
}

type Steps = readonly Pick<PlannedStep, 'tokens' | 'companions'>[];

/** How data is read behind `steps`: with the tokenizer they leave. */
export async function spokenBehind(open: OpenModel, steps: Steps): Promise<Spoken> {
  const columns = steps.reduce<Int32Array | undefined>(composed, undefined);
  const size = open.anatomy.vocabularySize;
  if (columns === undefined || size === undefined) return { open };
  const files = followedBy(await readCompanions(open.folder), steps);
  const anatomy = { ...open.anatomy, vocabularySize: columns.length };
  return { open: { ...open, anatomy, ...tokenizerOf(files) }, kept: { columns, size } };
}

function composed(before: Int32Array | undefined, { tokens }: Steps[number]) {
  if (tokens === undefined || before === undefined) return tokens ?? before;
  return tokens.map((token) => before[token]);
}

function tokenizerOf(files: Companions): Pick<OpenModel, 'tokenizer'> {
  const json = companionJson(files, 'tokenizer.json');
  const config = companionJson(files, 'tokenizer_config.json') ?? {};
  return json === undefined ? {} : { tokenizer: loadTokenizer(json, config) };
}

/** How data is read where `work` begins: behind all steps before its own. */
export function spokenBefore(
  work: Work,
  open: OpenModel,
  { steps }: Pick<Plan, 'steps'>,
): Promise<Spoken> {
  const at = steps.findIndex((step) => step.work.includes(work));
  return spokenBehind(open, steps.slice(0, Math.max(0, at)));
}
