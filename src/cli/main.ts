import { CancelledError, LatheError } from '../core/errors/lathe-error.ts';
import { UsageError } from './arguments.ts';
import { compress } from './commands/compress.ts';
import { evaluate } from './commands/evaluate.ts';
import { generate } from './commands/generate.ts';
import { inspect } from './commands/inspect.ts';
import { methods } from './commands/methods.ts';
import { order } from './commands/order.ts';
import { sweep } from './commands/sweep.ts';
import { train } from './commands/train.ts';
import { HELP } from './help.ts';

/** One command: its words, and a signal that fires on Ctrl-C. */
export type Command = (argv: readonly string[], signal: AbortSignal) => Promise<void>;

const COMMANDS: Readonly<Record<string, Command>> = {
  inspect,
  methods,
  compress,
  evaluate,
  train,
  sweep,
  generate,
  order,
};

const DONE = 0;
const FAILED = 1;
const BAD_ARGUMENTS = 2;
/** What a shell gives a program that Ctrl-C ended. */
const INTERRUPTED = 130;

async function run(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return name === undefined ? BAD_ARGUMENTS : DONE;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    throw new UsageError(
      `There is no command "${name}"; the commands are ${Object.keys(COMMANDS).join(', ')}. See "lathe --help".`,
    );
  }
  await command(rest, interruptSignal());
  return DONE;
}

/** The first Ctrl-C lets the command clean up, a second one ends the program at once. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort(new CancelledError());
    process.once('SIGINT', () => process.exit(INTERRUPTED));
  });
  return controller.signal;
}

function exitCode(error: unknown): number {
  if (error instanceof UsageError) return BAD_ARGUMENTS;
  return error instanceof CancelledError ? INTERRUPTED : FAILED;
}

function sentence(error: unknown): string {
  if (error instanceof LatheError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  return `Something went wrong inside Lathe that it has no words for: ${message}`;
}

// `lathe … | head` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(DONE);
  throw error;
});

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${sentence(error)}\n`);
  if (process.env['LATHE_DEBUG'] !== undefined) console.error(error);
  process.exitCode = exitCode(error);
}
