/** What one preview thread has open: a model, the layer on screen, and what was made of it last. */
import { recogniseStored } from '../../src/core/anatomy/recognise-stored.ts';
import type { Layer } from '../../src/core/anatomy/types.ts';
import { LatheError } from '../../src/core/errors/lathe-error.ts';
import { readWeight } from '../../src/core/methods/weight.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { blobSource } from '../../src/engine/sources/blob.ts';
import { measuredOutcome, openMeasured } from './measured.ts';
import type { Outcome } from './outcome.ts';
import type { MeasuredFile, PreviewRequest } from './picture.ts';
import { subjectOf, type Subject } from './pictures.ts';
import { stepOutcome } from './step-outcome.ts';

type Question = Omit<PreviewRequest, 'sequence'>;

/** The newest value made under a key; the one before is let go before another is made. */
class Latest<Value> {
  #kept: { readonly key: string; readonly value: Value } | undefined;

  async of(key: string, make: () => Promise<Value>): Promise<Value> {
    if (this.#kept?.key === key) return this.#kept.value;
    // Two large layers need not be in memory together.
    this.#kept = undefined;
    const value = await make();
    this.#kept = { key, value };
    return value;
  }
}

export class Desk {
  /** The layer on screen stays decoded: a slider asks about the same one sixty times a second. */
  readonly #subjects = new Latest<Subject>();
  readonly #outcomes = new Latest<Outcome>();
  readonly #files = new Latest<Model>();

  private constructor(
    readonly model: Model,
    readonly layers: readonly Layer[],
  ) {}

  static async of(model: Model): Promise<Desk> {
    return new Desk(model, (await recogniseStored(model)).layers);
  }

  subject({ layer: name, cells, bins }: Question): Promise<Subject> {
    return this.#subjects.of(JSON.stringify([name, cells, bins]), async () => {
      const layer = this.layers.find((candidate) => candidate.name === name);
      if (layer === undefined) throw unknownLayer(name);
      return subjectOf(this.model, await readWeight(this.model, layer), cells, bins);
    });
  }

  async outcome(subject: Subject, request: Question): Promise<Outcome | undefined> {
    const { layer, step, measured, cells, bins } = request;
    const key = JSON.stringify([layer, cells, bins, measured?.trial ?? step]);
    if (measured !== undefined) {
      return this.#outcomes.of(key, async () =>
        measuredOutcome(subject, await this.#file(measured), measured.steps),
      );
    }
    return step && this.#outcomes.of(key, () => stepOutcome(subject, step));
  }

  #file({ trial, blob }: MeasuredFile): Promise<Model> {
    return this.#files.of(trial, () => openMeasured(blobSource(blob)));
  }
}

function unknownLayer(name: string): LatheError {
  return new LatheError('layer-unknown', `The open model has no layer "${name}"; choose another.`);
}
