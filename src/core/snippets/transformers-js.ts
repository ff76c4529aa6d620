/** What the snippet has to know of the unzipped folder. */
export interface Unzipped {
  /** The folder it was unzipped into: `stories-q4`. */
  readonly folder: string;
  /** Name of the model's file in `onnx/`. */
  readonly file: string;
  /** What the model is for, by the word its report has for it. */
  readonly task: string;
  readonly hasTokenizer: boolean;
}

/** Suffixes of files and the words for them: transformers.js finds `model_quantized.onnx` by `q8`. */
const RENAMED: Readonly<Record<string, string>> = { quantized: 'q8' };
const DTYPES = ['fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'q2', 'q2f16', 'q1', 'q1f16', 'bnb4'];

/** Six lines that load the zip's folder as it is. */
export function transformersJsSnippet({ folder, file, ...model }: Unzipped): string {
  const pipeline = pipelineOf(model);
  const options = `{ ${fileOptions(file)} }`;
  const call = pipeline?.example ?? '';
  return [
    `import { env, ${pipeline ? 'pipeline' : 'AutoModel'} } from '@huggingface/transformers';`,
    `env.localModelPath = './'; // where ${folder}/ lies, unzipped`,
    'env.allowRemoteModels = false;',
    pipeline
      ? `const run = await pipeline('${pipeline.task}', '${folder}', ${options});`
      : `const model = await AutoModel.from_pretrained('${folder}', ${options});`,
    pipeline ? `const answer = await run(${call});` : 'const answer = model.sessions;',
    'console.log(answer);',
  ].join('\n');
}

/** `dtype` where the name says one, else the name of the file itself. */
function fileOptions(file: string): string {
  const stem = file.replace(/^.*\//, '').replace(/\.onnx$/, '');
  const at = stem.lastIndexOf('_');
  const suffix = stem.slice(at + 1);
  const dtype = RENAMED[suffix] ?? suffix;
  if (at > 0 && DTYPES.includes(dtype)) {
    const base = stem.slice(0, at);
    return base === 'model' ? `dtype: '${dtype}'` : `model_file_name: '${base}', dtype: '${dtype}'`;
  }
  return stem === 'model' ? `dtype: 'fp32'` : `model_file_name: '${stem}', dtype: 'fp32'`;
}

interface Pipeline {
  readonly task: string;
  /** Arguments of a first call. */
  readonly example: string;
}

const TEXT: Readonly<Partial<Record<string, Pipeline>>> = {
  'language-model': {
    task: 'text-generation',
    example: `'Once upon a time', { max_new_tokens: 32 }`,
  },
  'sequence-to-sequence': { task: 'text2text-generation', example: `'Once upon a time'` },
  'masked-language-model': { task: 'fill-mask', example: `'Paris is the [MASK] of France.'` },
  classifier: { task: 'text-classification', example: `'Once upon a time'` },
  'token-classifier': { task: 'token-classification', example: `'Ada Lovelace lived in London.'` },
  'question-answering': {
    task: 'question-answering',
    example: `'Who lived here?', 'Ada Lovelace lived here.'`,
  },
  encoder: {
    task: 'feature-extraction',
    example: `'Once upon a time', { pooling: 'mean', normalize: true }`,
  },
};

const IMAGES: Readonly<Partial<Record<string, Pipeline>>> = {
  classifier: { task: 'image-classification', example: `'picture.png'` },
  encoder: { task: 'image-feature-extraction', example: `'picture.png'` },
};

/** Undefined where transformers.js has no pipeline for it. */
function pipelineOf({ task, hasTokenizer }: Pick<Unzipped, 'task' | 'hasTokenizer'>) {
  return (hasTokenizer ? TEXT : IMAGES)[task];
}
