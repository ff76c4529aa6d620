import { LatheError } from '../../core/errors/lathe-error.ts';
import { needsFirst } from '../../runtime/encoder-decoder/cross-cache.ts';
import { statesInput, statesOutput } from '../../runtime/encoder-decoder/encoder-states.ts';
import { isWhole } from '../../runtime/encoder-decoder/sequence-pair.ts';
import type { OpenedPart } from '../../runtime/evaluate/encoder-decoder.ts';
import { inputPorts, outputPorts } from '../../runtime/ports.ts';
import type { OpenModel } from '../model/open.ts';
import { hasSibling, openSibling } from '../model/sibling.ts';

/** Decoders that read an encoder's states, the one that is run whole first. */
const DECODERS = ['decoder', 'decoder-merged'] as const;

/** Which part of an encoder-decoder an opened model is; undefined where it is none. */
export function openedPart(open: OpenModel): OpenedPart | undefined {
  const { inputs } = open.model.graph;
  if (open.task === 'sequence-to-sequence') {
    if (needsFirst(inputs)) return 'decoder-with-past';
    return isWhole(inputs) || statesInput(inputPorts(open.model)) ? 'decoder' : undefined;
  }
  return open.part.role === 'encoder' && hasSibling(open, ...DECODERS) ? 'encoder' : undefined;
}

/** The encoder of an opened decoder. Throws `encoder-missing`, `parts-differ`. */
export async function encoderOf(decoder: OpenModel): Promise<OpenModel> {
  const encoder = await openSibling(decoder, 'encoder');
  if (encoder === undefined) throw encoderMissing(decoder);
  checkTogether(encoder, decoder);
  return encoder;
}

/** The decoder that makes the cache an opened one goes on from. Throws `decoder-missing`. */
export async function firstDecoderOf(open: OpenModel): Promise<OpenModel> {
  const first = await openSibling(open, ...DECODERS);
  if (first === undefined) throw decoderMissing(open);
  return first;
}

/** The decoder of an opened encoder. Throws `parts-differ`. */
export async function decoderOf(encoder: OpenModel): Promise<OpenModel | undefined> {
  const decoder = await openSibling(encoder, ...DECODERS);
  if (decoder !== undefined) checkTogether(encoder, decoder);
  return decoder;
}

/** Refuses an encoder whose states the decoder cannot read. Throws `parts-differ`. */
export function checkTogether(encoder: OpenModel, decoder: OpenModel): void {
  const given = statesOutput(outputPorts(encoder.model))?.dims.at(-1);
  const taken = statesInput(inputPorts(decoder.model))?.dims.at(-1);
  if (typeof given !== 'number' || typeof taken !== 'number' || given === taken) return;
  throw new LatheError(
    'parts-differ',
    `The encoder "${encoder.part.path}" gives states of ${given} numbers and the decoder "${decoder.part.path}" takes ${taken}, so they do not belong together; put the two files that were exported together into one folder.`,
    { given, taken },
  );
}

export function decoderMissing({ part }: OpenModel): LatheError {
  return new LatheError(
    'decoder-missing',
    `The part "${part.path}" needs the decoder that begins a target, and there is none beside it; put the decoder_model.onnx or decoder_model_merged.onnx that was exported with it into the same folder.`,
  );
}

function encoderMissing({ part }: OpenModel): LatheError {
  return new LatheError(
    'encoder-missing',
    `The decoder "${part.path}" reads what an encoder made of the source, and there is no encoder beside it; put the encoder_model.onnx that was exported with it into the same folder, or give arrays with "encoder_hidden_states".`,
  );
}
