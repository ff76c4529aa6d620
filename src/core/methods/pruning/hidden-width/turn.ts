import { LatheError } from '../../../errors/lathe-error.ts';
import type { Look } from '../../../statistics/look.ts';
import type { Seen } from '../../../statistics/seen.ts';
import { turnBy, type NarrowModel, type Turn } from '../../../stream/index.ts';
import { projection, streamGram } from './rotation.ts';

/** Places of the stream that are looked at: what each norm reads, where it has a name. */
export function streamLooks({ stream }: NarrowModel): Look[] {
  const values = new Set(stream.norms.map(({ input }) => input).filter((value) => value !== ''));
  return [...values].map((value) => ({ value, take: ['moments'] }));
}

export interface Width {
  readonly from: number;
  readonly to: number;
  readonly rotation: 'one' | 'none';
}

/** To the principal components of what was seen in the stream. Throws `stream-unseen`. */
export function turnTo(narrow: NarrowModel, { from, to, rotation }: Width, seen: Seen): Turn {
  const centred = narrow.stream.norms.some(({ kind }) => kind === 'layer-norm');
  const moments = streamLooks(narrow).flatMap((look) => seen.at(look, 'moments') ?? []);
  if (moments.length === 0) throw unseen();
  return turnBy(projection(streamGram(moments, from, centred), to, rotation), from);
}

function unseen(): LatheError {
  return new LatheError(
    'stream-unseen',
    'No value of the residual stream came by in the calibration data, so there is nothing to turn it by; give calibration data that the model can run on.',
  );
}
