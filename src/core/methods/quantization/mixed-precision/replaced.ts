import type { Ablation, Replacement } from '../../../ablation/types.ts';
import { normal, seededRandom } from '../../../random/seeded.ts';
import { fromFloat32 } from '../../../tensor/convert.ts';
import { transpose } from '../../../tensor/matrix.ts';
import type { ValueData } from '../../../tensor/values.ts';
import { viewAs } from '../../../tensor/view-as.ts';
import type { LayerWeight } from '../../contract.ts';
import type { Candidate, Encoder, Part } from './candidates.ts';

/** The model with these parts at these levels and all others as they are. */
export function atLevels(
  given: readonly (readonly [Part, Pick<Candidate, 'level' | 'name'>])[],
  encoder: Encoder,
): Ablation {
  return {
    gates: [],
    replaced: given.map(([part, { level, name }]): Replacement => ({
      weight: part.place.weight.name,
      by: name,
      values: async () => stored(part, await encoder.decoded(part, level)),
    })),
  };
}

/** The model with noise in one weight, W + t·‖W‖/√n·N(0, 1): its relative weight error is t². */
export function withNoise(
  part: Part,
  squared: number,
  read: (layer: Part['layer']) => Promise<LayerWeight>,
): Ablation {
  const values = async (): Promise<ValueData> => {
    const { values: weight } = await read(part.layer);
    const random = seededRandom(0, `noise ${part.layer.name}`);
    const power = weight.reduce((sum, w) => sum + w * w, 0);
    const size = Math.sqrt((squared * power) / weight.length);
    return stored(
      part,
      weight.map((w) => w + size * normal(random)),
    );
  };
  return {
    gates: [],
    replaced: [{ weight: part.place.weight.name, by: `noise ${squared}`, values }],
  };
}

/** W [outFeatures, inFeatures] in the type and order of the initializer. */
function stored({ layer, place }: Part, values: Float32Array): ValueData {
  const { outFeatures, inFeatures } = layer;
  const laid = place.stored === 'in-out' ? transpose(values, outFeatures, inFeatures) : values;
  const { dataType } = place.weight;
  return viewAs(dataType, fromFloat32(dataType, laid, true));
}
