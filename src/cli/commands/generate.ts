import { continueText } from '../../engine/continue-text.ts';
import { dataSources } from '../../engine/encoder-decoder/pairs.ts';
import { openedPart } from '../../engine/encoder-decoder/whole.ts';
import { sourceOf, withWriter, writeTarget } from '../../engine/encoder-decoder/write.ts';
import type { OpenModel } from '../../engine/model/open.ts';
import type { GenerateOptions } from '../../runtime/generate.ts';
import type { Runtime } from '../../runtime/types.ts';
import {
  choice,
  commandArguments,
  requiredText,
  text,
  UsageError,
  wholeNumber,
  type CommandArguments,
} from '../arguments.ts';
import { readData } from '../data.ts';
import { lazyRuntime, RUNTIMES } from '../host.ts';
import { openArgument } from '../open-argument.ts';
import { PART_OPTION } from '../part.ts';
import { printJson, printLine } from '../print.ts';

const OPTIONS = {
  ...PART_OPTION,
  prompt: 'string',
  data: 'string',
  count: 'string',
  tokens: 'string',
  seed: 'string',
  json: 'boolean',
  runtime: 'string',
  task: 'string',
} as const;

const DEFAULT_TOKENS = 64;

/**
 * `lathe generate`: what a language model writes behind a prompt, or what an encoder-decoder makes of it or of the
 * first sources in a data file; greedily, unless a seed is given.
 */
export async function generate(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const args = commandArguments('generate', argv, OPTIONS, [['prompt', 'data']]);
  const seed = wholeNumber(args, 'seed');
  const open = await openArgument(args);
  const runtime = await lazyRuntime(choice(args, 'runtime', RUNTIMES) ?? 'wasm')();
  const options = {
    tokens: wholeNumber(args, 'tokens') ?? DEFAULT_TOKENS,
    ...(seed !== undefined && { sampling: { seed, temperature: 1 } }),
    signal,
  };
  const write = openedPart(open) === undefined ? continued : written;
  await write(args, open, runtime, options);
}

type Write = (
  args: CommandArguments,
  open: OpenModel,
  runtime: Runtime,
  options: Pick<GenerateOptions, 'tokens' | 'sampling' | 'signal'>,
) => Promise<void>;

const continued: Write = async (args, open, runtime, options) => {
  const prompt = requiredPrompt(args);
  const session = await runtime.open(open.model);
  try {
    const added = await continueText(open, session, prompt, options);
    if (args.options['json'] === true) printJson({ prompt, text: added });
    else printLine(prompt + added);
  } finally {
    await session.release();
  }
};

const written: Write = async (args, open, runtime, options) => {
  const data = text(args, 'data');
  const count = wholeNumber(args, 'count') ?? 1;
  const sources =
    data === undefined
      ? [await sourceOf(open, requiredPrompt(args))]
      : await dataSources(open, await readData(open, data, 'evaluation'), count);
  await withWriter(open, runtime, async (writer) => {
    for (const source of sources) {
      const made = await writeTarget(open, writer, source, options);
      if (args.options['json'] === true) printJson({ text: made });
      else printLine(made);
    }
  });
};

function requiredPrompt(args: CommandArguments): string {
  if (text(args, 'prompt') !== undefined) return requiredText(args, 'prompt');
  throw new UsageError(
    'lathe generate: a language model continues a text; give it with --prompt. See "lathe --help".',
  );
}
