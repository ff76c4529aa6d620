import { continueText } from '../../engine/continue-text.ts';
import { openModel } from '../../engine/model/open.ts';
import { commandArguments, requiredText, text, wholeNumber } from '../arguments.ts';
import { modelFolder } from '../files/model-folder.ts';
import { chosenDevice, DEVICE_OPTIONS, deviceFor } from '../device.ts';
import { lazyRuntime } from '../host.ts';
import { printJson, printLine } from '../print.ts';

const OPTIONS = {
  prompt: 'string',
  tokens: 'string',
  seed: 'string',
  json: 'boolean',
  ...DEVICE_OPTIONS,
} as const;

const DEFAULT_TOKENS = 64;

/** `lathe generate`: what a language model writes behind a prompt; greedily, unless a seed is given. */
export async function generate(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const args = commandArguments('generate', argv, OPTIONS, ['prompt']);
  const [prompt, seed] = [requiredText(args, 'prompt'), wholeNumber(args, 'seed')];
  const open = await openModel(await modelFolder(args.model));
  const runtime = await lazyRuntime(deviceFor(chosenDevice(args), open.model))();
  const session = await runtime.open(open.model);
  try {
    const written = await continueText(open, session, prompt, {
      tokens: wholeNumber(args, 'tokens') ?? DEFAULT_TOKENS,
      ...(seed !== undefined && { sampling: { seed, temperature: 1 } }),
      signal,
    });
    if (args.options['json'] === true) printJson({ prompt, text: written });
    else printLine(text(args, 'prompt') + written);
  } finally {
    await session.release();
  }
}
