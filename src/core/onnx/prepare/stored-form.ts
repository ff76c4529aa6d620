import type { Model } from '../types.ts';

/** The model as it was read, for each that was prepared from one. */
const stored = new WeakMap<Model, Model>();

/** Remembers what a prepared model was read as: its file has the size of that one. */
export function rememberStored(prepared: Model, read: Model): void {
  if (prepared !== read) stored.set(prepared, read);
}

/** The model as its file holds it; the model itself where nothing was changed on opening. */
export function storedForm(model: Model): Model {
  return stored.get(model) ?? model;
}
