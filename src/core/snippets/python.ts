/** What a snippet has to know of an exported model. */
export interface Exported {
  /** Path of the file as it is exported: `model_q4.onnx`. */
  readonly file: string;
  readonly hasTokenizer: boolean;
}

/** Inputs that are told by their names; all else is an empty cache (a batch of one, no tokens yet). */
const FEED = [
  'def feed(i):',
  '    kind = np.float16 if "float16" in i.type else np.int64 if "int64" in i.type else np.float32',
  '    empty = [d if isinstance(d, int) else int(at == 0) for at, d in enumerate(i.shape)]',
  '    return known.get(i.name, np.zeros(empty, kind))',
];

/** Runs the exported file once with onnxruntime. */
export function pythonSnippet({ file, hasTokenizer }: Exported): string {
  return (hasTokenizer ? text(file) : numbers(file)).join('\n');
}

function text(file: string): string[] {
  return [
    '# pip install onnxruntime tokenizers numpy',
    'import numpy as np',
    'import onnxruntime as ort',
    'from tokenizers import Tokenizer',
    '',
    `session = ort.InferenceSession("${file}")`,
    'ids = np.array([Tokenizer.from_file("tokenizer.json").encode("Once upon a time").ids])',
    'known = {"input_ids": ids, "attention_mask": np.ones_like(ids),',
    '         "token_type_ids": np.zeros_like(ids), "position_ids": np.arange(ids.shape[1])[None]}',
    ...FEED,
    'outputs = session.run(None, {i.name: feed(i) for i in session.get_inputs()})',
    'print({o.name: v.shape for o, v in zip(session.get_outputs(), outputs)})',
  ];
}

/** Of a model that reads no text: zeros of the right shapes, to be replaced. */
function numbers(file: string): string[] {
  return [
    '# pip install onnxruntime numpy',
    'import numpy as np',
    'import onnxruntime as ort',
    '',
    `session = ort.InferenceSession("${file}")`,
    'def feed(i):  # put your own numbers here',
    '    return np.zeros([d if isinstance(d, int) else 1 for d in i.shape], np.float32)',
    'outputs = session.run(None, {i.name: feed(i) for i in session.get_inputs()})',
    'print({o.name: v.shape for o, v in zip(session.get_outputs(), outputs)})',
  ];
}
