export const HELP = `Lathe: compress transformer ONNX models, and measure what it costs.

  lathe inspect   MODEL [--part P] [--json] [--task TASK]
  lathe methods   [--json]
  lathe compress  MODEL --recipe FILE|PRESET --out OUT.onnx [--folder DIR] [--data D]
                  [--eval E] [--report R.json] [--baseline] [--seed N]
                  [--part P|P,Q|all] [--no-measure] [--runtime wasm|node]
                  [--threads N] [--task TASK]
  lathe compress  MODEL --fit SIZE | --loss SHARE [--recipe FILE|PRESET] --out OUT.onnx …
  lathe evaluate  MODEL [--baseline ORIGINAL] --data E [--json] [--runtime wasm|node]
                  [--protocol windows|cached|exits] [--threads N] [--task TASK]
  lathe train     MODEL --objective FILE --data D --out OUT.onnx [--folder DIR] [--eval E]
                  [--report R.json] [--adapter DIR] [--seed N] [--runtime wasm|node]
                  [--threads N] [--task TASK]
  lathe sweep     MODEL --grid FILE --data D --eval E --out DIR [--runtime wasm|node]
                  [--threads N] [--task TASK]
  lathe order     MODEL --recipe FILE|PRESET [--data D] [--eval E] [--seed N] [--json]
                  [--part P] [--runtime wasm|node] [--threads N] [--task TASK]
  lathe generate  MODEL --prompt TEXT | --data D [--count N] [--tokens N] [--seed N] [--json]
                  [--part P] [--runtime wasm|node] [--threads N] [--task TASK]

MODEL   an .onnx file, a model folder (Hugging Face layout), or sample:NAME
D, E    a .txt, .csv, .tsv, .jsonl, .npz or .parquet file (or one of them as .gz), a
        folder or .zip of pictures in folders by class, or sample:NAME; --data is what
        methods may look at (calibration), --eval what only the measures look at;
        without them, calibration.* and evaluation.* beside the model are taken;
        tables of labelled texts have the columns text and label
DIR     a new folder in the Hugging Face layout, for transformers.js: onnx/model_q4.onnx,
        config.json, tokenizer.json, …; beside OUT or in its place
PRESET  fp16 q8 q4 q4f16 q2 q1 … (see "lathe methods")
FILE    train: {"version": 1, "method": "lora", "length": 256, "options": {"rank": 8}};
        a training that was stopped goes on from its checkpoint when started again
        sweep: {"version": 1, "base": RECIPE or PRESET, "vary": {"steps[0].options.bits": [8, 4]}};
        a sweep that was stopped goes on where it was when started again
SIZE    60MB, 800kB, 123456B, or 25% of the file: bits, block size and method of each layer
        are chosen so that it fits, by what they are measured to cost on the data of --data
SHARE   1%: the smallest file whose answers move no further (mean KL of ln 1.01 on that
        data, as if perplexity grew by 1 %); both come behind the steps of a recipe
TASK    what the model is for, where inspect tells it wrong: language-model,
        sequence-to-sequence, masked-language-model, classifier, token-classifier,
        question-answering, pairs, encoder, unknown

--baseline of compress runs the baseline of the last step that has one as well, and ends
        in a verdict: better, equal, worse or not measured
order   runs the two steps of a recipe one after the other, the other way round and each alone,
        and says what they do to each other: joint loss less the sum of both
--part  of a folder with several .onnx files: a role (encoder, decoder, decoder-merged …)
        or a file; without it the one that does most is taken ("lathe inspect" lists all);
        compress takes several with commas, or all: then OUT or DIR is a folder, which
        keeps the layout
--baseline of evaluate, unless it is given or "none", is the fp32 file of the same part
--data of generate holds sources for an encoder-decoder, which writes what it makes of the first N
--seed of generate draws tokens; without it each is the likeliest one
--threads: unless told, as many as there are cores (at most eight) for models from 16 MiB,
        else one; no byte depends on it
--no-measure of compress writes the file and runs nothing: the report says so
--protocol of evaluate: windows at once, with the key/value cache filled token by token, or
        every output of scores beside the others

Progress goes to stderr, results to stdout.
Exit status: 0 done, 1 failed (one sentence says why), 2 bad arguments.
`;
