import type { OutputFact, TaskFacts } from './facts.ts';
import type { TaskChoice } from './types.ts';

/** Tells a task from what was seen, or leaves it to the next. */
type Rule = (facts: TaskFacts) => TaskChoice | undefined;

export function rankOf(output: OutputFact | undefined): number | undefined {
  return output?.dims?.length;
}

/** Size of the last axis: the classes of scores, the width of vectors; undefined while open. */
export function widthOf(output: OutputFact | undefined): number | undefined {
  const last = output?.dims?.at(-1);
  return typeof last === 'number' ? last : undefined;
}

function named(facts: TaskFacts, pattern: RegExp): string | undefined {
  return facts.architectures.find((name) => pattern.test(name));
}

const says = (architecture: string) => `config.json says ${architecture}`;

/** Scores of every image (or sound) against every text: both axes count examples. */
export function pairScores({ tokens, features, outputs }: TaskFacts): OutputFact | undefined {
  if (!tokens || !features) return undefined;
  return outputs.find(
    (output) =>
      rankOf(output) === 2 &&
      (/^logits_per_(image|audio|video)$/.test(output.name) || countsTwice(output)),
  );
}

function countsTwice({ dims = [] }: OutputFact): boolean {
  const [rows, columns] = dims;
  return typeof rows === 'string' && typeof columns === 'string' && rows !== columns;
}

const pairs: Rule = (facts) => {
  const scores = pairScores(facts);
  return (
    scores && {
      task: 'pairs',
      reason: `"${scores.name}" scores every feature input against every text`,
    }
  );
};

/** Where an answer begins and where it ends: a score per token each. */
export function spanScores({ tokens, outputs }: TaskFacts): readonly OutputFact[] | undefined {
  const flat = outputs.filter((o) => rankOf(o) === 2 || o.dims === undefined);
  const [start, end] = [/start/, /end/].map((word) => flat.find(({ name }) => word.test(name)));
  return tokens && start && end ? [start, end] : undefined;
}

const questionAnswering: Rule = (facts) => {
  const [start, end] = spanScores(facts) ?? [];
  if (start === undefined || end === undefined) return undefined;
  const reason = `"${start.name}" and "${end.name}" score every token as the ends of an answer`;
  return { task: 'question-answering', reason };
};

/** Whether every position gets a score for each entry of the vocabulary. */
export function predictsVocabulary({ tokens, scores, vocabulary, anatomy }: TaskFacts): boolean {
  if (!tokens || scores === undefined || (rankOf(scores) ?? 3) !== 3) return false;
  const width = widthOf(scores);
  return width === undefined
    ? anatomy.layers.some(({ role }) => role === 'output-head')
    : width === vocabulary;
}

const TOKEN_CLASSES = /(TokenClassification|AudioFrameClassification|ForCTC)$/;

const vocabulary: Rule = (facts) => {
  if (!predictsVocabulary(facts) || named(facts, TOKEN_CLASSES)) return undefined;
  const { scores, inputs, anatomy, architectures } = facts;
  const reason = `"${scores?.name}" scores the vocabulary at every position`;
  if (facts.source) {
    return { task: 'sequence-to-sequence', reason: `${reason}, given what an encoder read` };
  }
  const masked = named(facts, /(MaskedLM|ForPreTraining)$/);
  if (masked) return { task: 'masked-language-model', reason: `${reason}, and ${says(masked)}` };
  const types = inputs.some(({ name }) => name === 'token_type_ids');
  const sees = anatomy.blocks.length > 0 && anatomy.blocks.every((b) => b.stack === 'encoder');
  return architectures.length === 0 && types && sees
    ? { task: 'masked-language-model', reason: `${reason}, and tokens see what comes after them` }
    : { task: 'language-model', reason };
};

const EMBEDDED = /embed|pool|feature|hidden/i;

const tokenClassifier: Rule = (facts) => {
  const { tokens, features, scores, labels, anatomy } = facts;
  if (scores === undefined || (!tokens && !features) || rankOf(scores) !== 3) return undefined;
  const width = widthOf(scores);
  const said = named(facts, TOKEN_CLASSES);
  const reason = `"${scores.name}" scores ${width ?? 'several'} classes at every position`;
  const task = 'token-classifier';
  if (said) return { task, reason: `${reason}, and ${says(said)}` };
  if (named(facts, /For\w+$/) || width === undefined || width < 2) return undefined;
  if (tokens && labels === width)
    return { task, reason: `${reason}, as many as config.json names` };
  const head = anatomy.layers.some((l) => l.role === 'output-head' && l.outFeatures === width);
  const scored = (scores.name === 'logits' || (tokens && head)) && width !== anatomy.hiddenSize;
  return scored && !EMBEDDED.test(scores.name) ? { task, reason } : undefined;
};

const CLASSES = /(Classification|MultipleChoice|NextSentencePrediction)(WithTeacher)?$/;
const BARE = /(Model|WithProjection|Encoder)$/;

const classifier: Rule = (facts) => {
  const { scores, labels, anatomy } = facts;
  if (scores === undefined || rankOf(scores) !== 2) return undefined;
  const { name } = scores;
  const width = widthOf(scores);
  if (width === 1) return { task: 'unknown', reason: `"${name}" holds one number per example` };
  const reason = `"${name}" scores ${width ?? 'several'} classes per example`;
  const said = named(facts, CLASSES);
  if (said) return { task: 'classifier', reason: `${reason}, and ${says(said)}` };
  if (labels !== undefined && (width ?? labels) === labels) {
    return { task: 'classifier', reason: `${reason}, as many as config.json names` };
  }
  const bare = named(facts, BARE);
  const head = anatomy.layers.some(({ role }) => role === 'output-head');
  const plain = !head && width !== undefined && width === anatomy.hiddenSize;
  if (EMBEDDED.test(name) || bare !== undefined || plain) return undefined;
  if (width === undefined) return undefined;
  return { task: 'classifier', reason };
};

const encoder: Rule = ({ tokens, features, scores }) => {
  const rank = rankOf(scores);
  if (scores === undefined || !(tokens || (features && (rank === 2 || rank === 3)))) {
    return undefined;
  }
  if (rank === 2 && widthOf(scores) === undefined && !EMBEDDED.test(scores.name)) return undefined;
  const what = rank === 2 ? 'a vector per example' : 'vectors and no scores';
  return { task: 'encoder', reason: `"${scores.name}" holds ${what}` };
};

const unknown = ({ scores }: TaskFacts): TaskChoice => ({
  task: 'unknown',
  reason:
    scores === undefined
      ? 'no output of floating point was found'
      : `what "${scores.name}" holds could not be told`,
});

const RULES: readonly Rule[] = [
  pairs,
  questionAnswering,
  vocabulary,
  tokenClassifier,
  classifier,
  encoder,
];

/** The first rule that tells a task. */
export function toldBy(facts: TaskFacts): TaskChoice {
  for (const rule of RULES) {
    const choice = rule(facts);
    if (choice !== undefined) return choice;
  }
  return unknown(facts);
}
