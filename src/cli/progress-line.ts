import type { OnProgress } from '../engine/progress.ts';

const EVERY_MS = 200;

/** One line on stderr, rewritten in place on a terminal, one line per stage elsewhere. */
export function progressLine(): OnProgress {
  const terminal = process.stderr.isTTY === true;
  let last = 0;
  let stage = '';
  return (event) => {
    const now = Date.now();
    const newStage = event.stage !== stage;
    if (!newStage && (!terminal || (now - last < EVERY_MS && event.fraction < 1))) return;
    last = now;
    stage = event.stage;
    const left = event.secondsLeft === undefined ? '' : ` · ${Math.ceil(event.secondsLeft)} s left`;
    const text = `${Math.round(event.fraction * 100)} % · ${event.stage}${event.detail === undefined ? '' : ` · ${event.detail}`}${left}`;
    process.stderr.write(
      terminal ? `\r\u001b[2K${text}${event.fraction >= 1 ? '\n' : ''}` : `${text}\n`,
    );
  };
}
