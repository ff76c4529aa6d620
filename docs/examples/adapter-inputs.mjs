/**
 * Swapping LoRA adapters of a model that was trained with the result "inputs": plain JavaScript for a page
 * or Node, nothing but onnxruntime (`ort`). See docs/adapters.md.
 */

/** Inputs that may stay empty have this as their open first size; empty means: the adapter in the file. */
const GIVEN = 'lora.given';

/**
 * What to feed beside the model's own inputs. `matrices` holds what takes the place of the adapter in the
 * file, by input name: `{ data: Float32Array, dims }`, A as [in, rank], B as [rank, out], `lora.scale` as [1].
 */
export function adapterFeeds(ort, session, matrices = {}) {
  const feeds = {};
  for (const { name, shape } of adapterInputs(session)) {
    const { data, dims } = matrices[name] ?? { data: [], dims: [0, ...shape.slice(1)] };
    feeds[name] = new ort.Tensor('float32', Float32Array.from(data), dims);
  }
  return feeds;
}

/** The model as it was before training: the adapter's part is multiplied by zero. */
export function switchedOff(ort, session) {
  return adapterFeeds(ort, session, { 'lora.scale': { data: [0], dims: [1] } });
}

/**
 * Another adapter, from the files that PEFT and Lathe write: the bytes of `adapter_model.safetensors` and
 * the text of `adapter_config.json`. Its rank may be smaller than the model's; modules it lacks get none.
 */
export function peftFeeds(ort, session, weights, config) {
  const tensors = readSafetensors(weights);
  const { r, lora_alpha: alpha } = JSON.parse(config);
  const matrices = { 'lora.scale': { data: [alpha / r], dims: [1] } };
  for (const { name, shape } of adapterInputs(session)) {
    const tensor = tensors[`base_model.model.${name}`];
    if (name.endsWith('.lora_A.weight') && tensor) {
      // PEFT has [rank, in], the graph reads [in, rank].
      matrices[name] = turned(tensor, tensor.dims[1], shape[1]);
    } else if (name.endsWith('.lora_B.weight')) {
      const rank = rankOf(session, name);
      matrices[name] = tensor ? turned(tensor, rank, shape[1]) : zeros(rank, shape[1]);
    }
  }
  return adapterFeeds(ort, session, matrices);
}

function adapterInputs(session) {
  return session.inputMetadata.filter(({ shape }) => shape?.[0] === GIVEN);
}

/** The rank is the width of the A that belongs to a B. */
function rankOf(session, name) {
  const a = name.replace('.lora_B.', '.lora_A.');
  return session.inputMetadata.find((input) => input.name === a).shape[1];
}

function zeros(rows, columns) {
  return { data: new Float32Array(rows * columns), dims: [rows, columns] };
}

/** The transpose, filled up with zeros to [rows, columns]. */
function turned({ data, dims: [height, width] }, rows, columns) {
  if (width > rows || height > columns)
    throw new Error('The adapter has a larger rank than the model.');
  const result = zeros(rows, columns);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) result.data[j * columns + i] = data[i * width + j];
  }
  return result;
}

/** The float32 tensors of a safetensors file: 8 bytes of length, a JSON header, the data. */
function readSafetensors(file) {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const { __metadata__, ...entries } = JSON.parse(
    new TextDecoder().decode(file.subarray(8, 8 + length)),
  );
  const data = file.slice(8 + length).buffer;
  return Object.fromEntries(
    Object.entries(entries).map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => [name, { dims: shape, data: new Float32Array(data, from, (to - from) / 4) }],
    ),
  );
}
