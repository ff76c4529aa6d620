import { LatheError } from '../../core/errors/lathe-error.ts';

/** Where models that are known by one word lie on Hugging Face, with their ONNX files. */
const REPOSITORIES = new Map(
  Object.entries({
    gpt2: 'openai-community/gpt2',
    distilgpt2: 'Xenova/distilgpt2',
    opt: 'Xenova/opt-125m',
    'opt-125m': 'Xenova/opt-125m',
    bert: 'Xenova/bert-base-uncased',
    'bert-base-uncased': 'Xenova/bert-base-uncased',
    distilbert: 'Xenova/distilbert-base-uncased-finetuned-sst-2-english',
    minilm: 'Xenova/all-MiniLM-L6-v2',
    'all-minilm-l6-v2': 'Xenova/all-MiniLM-L6-v2',
    t5: 'Xenova/t5-small',
    't5-small': 'Xenova/t5-small',
    whisper: 'Xenova/whisper-tiny',
    'whisper-tiny': 'Xenova/whisper-tiny',
    vit: 'Xenova/vit-base-patch16-224',
    clip: 'Xenova/clip-vit-base-patch32',
    smollm2: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    qwen: 'onnx-community/Qwen2.5-0.5B-Instruct',
  }),
);

/** The error for what names no place a model can be fetched from; with a suggestion where one is known. */
export function unreadable(text: string): LatheError {
  const code = 'reference-unreadable';
  const suggestion = REPOSITORIES.get(text.toLowerCase());
  if (suggestion !== undefined) {
    const message = `“${text}” lacks its organisation. On Hugging Face it is ${suggestion}.`;
    return new LatheError(code, message, { suggestion });
  }
  if (/^[\w.-]+$/.test(text)) {
    return new LatheError(
      code,
      `“${text}” lacks its organisation: repositories on Hugging Face are called organisation/name, as in onnx-community/${text}. Look up who publishes it, or drop a file.`,
    );
  }
  return new LatheError(
    code,
    `“${text}” is neither an https address nor a Hugging Face repository (organisation/name). Paste one of those, or drop a file.`,
  );
}
