/** A file that travels with a model: as it was read, or by what its JSON says now. */
export type Companion = { readonly bytes: Uint8Array } | { readonly json: unknown };

/**
 * The files beside a model, by their paths in the Hugging Face layout (`config.json`, `tokenizer.json`,
 * `adapter/adapter_config.json`). Never changed in place: whoever changes a file returns a new map.
 */
export type Companions = ReadonlyMap<string, Companion>;

/**
 * What a step says about the files beside the model, as `companions` of its plan: a tokenizer without the
 * tokens that were cut, a configuration with the new number of blocks. Pure, and of the plan alone: what a run
 * decides in the files' content is an option of the step. Files it does not know stay.
 */
export type CompanionsRule = (files: Companions) => Companions;
