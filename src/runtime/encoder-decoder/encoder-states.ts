import { LatheError } from '../../core/errors/lathe-error.ts';
import { isFloat } from '../evaluate/logits.ts';
import type { PortInfo, Session } from '../types.ts';
import { castValue, makeValue, type Feeds } from '../values.ts';
import { sourceFeeds, type SequencePair, type Source } from './sequence-pair.ts';

/** The decoder's input that takes what its encoder gives. */
const STATES_INPUT = /^encoder_(hidden_states|outputs?)$/;
const MASK_INPUT = /^encoder_attention_mask$/;

export function statesInput(inputs: readonly PortInfo[]): PortInfo | undefined {
  return inputs.find(({ name }) => STATES_INPUT.test(name));
}

export function statesMaskInput(inputs: readonly PortInfo[]): PortInfo | undefined {
  return inputs.find(({ name }) => MASK_INPUT.test(name));
}

/** The encoder's output that decoders take: `last_hidden_state`, else the first of floating point with three axes. */
export function statesOutput(outputs: readonly PortInfo[]): PortInfo | undefined {
  const states = outputs.filter((port) => isFloat(port) && port.dims.length === 3);
  return states.find(({ name }) => name === 'last_hidden_state') ?? states.at(0);
}

/** What a decoder reads of its encoder. */
interface Reader {
  readonly inputs: readonly PortInfo[];
}

/**
 * The decoder's inputs that an encoder gives for one source: its states [1, length, size] and which of them count.
 * Throws `encoder-states`, and what the feeds throw.
 */
export async function encoderStates(
  encoder: Session,
  source: Source,
  { inputs }: Reader,
): Promise<Feeds> {
  const output = statesOutput(encoder.outputs);
  if (output === undefined) throw noStates();
  const feeds = sourceFeeds(encoder.inputs, source);
  const { [output.name]: states } = await encoder.run(feeds, [output.name]);
  const [taken, mask] = [statesInput(inputs), statesMaskInput(inputs)];
  const given = Object.hasOwn(feeds, 'attention_mask') ? feeds['attention_mask'] : undefined;
  const [batch, length] = states.dims;
  // A mask over frames of sound is longer than the states that a convolution makes of them.
  const fits = given?.dims[1] === length ? given : undefined;
  return {
    ...(taken && { [taken.name]: castValue(states, taken.dataType) }),
    ...(mask && {
      [mask.name]: fits
        ? castValue(fits, mask.dataType)
        : makeValue(mask.dataType, [batch, length], () => 1),
    }),
  };
}

/** The states of a pair: those that came with it, else what the encoder makes of its source. */
export async function statesOf(
  encoder: Session | undefined,
  { source, states }: SequencePair,
  decoder: Reader,
): Promise<Feeds> {
  if (encoder !== undefined && source !== undefined) return encoderStates(encoder, source, decoder);
  if (states !== undefined) return states;
  throw new LatheError(
    'encoder-missing',
    'The decoder reads what an encoder made of the source, and there is neither an encoder nor an array "encoder_hidden_states"; put the encoder that was exported with it into the same folder.',
  );
}

function noStates(): LatheError {
  return new LatheError(
    'encoder-states',
    'The encoder has no floating-point output of three axes, so there is nothing a decoder could read; export it with its last hidden state.',
  );
}
