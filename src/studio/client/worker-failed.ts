import { LatheError } from '../../core/errors/lathe-error.ts';

/** What people are told when one of the page's threads stopped by itself. */
export function workerFailed(name: string): (said: string) => LatheError {
  return (said) =>
    new LatheError(
      'worker-failed',
      `The ${name} stopped unexpectedly (${said}). Finished trials are safe; try the last action again.`,
      { message: said },
    );
}
