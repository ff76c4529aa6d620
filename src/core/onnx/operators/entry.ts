import type { ShapeRuleId } from '../shape/rules/rules.ts';

/** Domain of onnxruntime's own operators. */
export const MICROSOFT = 'com.microsoft';

/** What Lathe knows of one operator, as data. */
export interface OperatorEntry {
  /** '' is ai.onnx. */
  readonly domain: '' | typeof MICROSOFT;
  readonly name: string;
  /** Versions of the operator set at which it was defined or defined anew. */
  readonly since: readonly number[];
  /**
   * Those of `since` from which on a node written for the version before is refused or means
   * something else (an attribute became an input, a default changed). The others only added types,
   * attributes with the old behaviour as default, or wording.
   */
  readonly breaking: readonly number[];
  /** The rule of `shape/rules` that gives its output types. */
  readonly shape: ShapeRuleId;
  /** Each output element depends on the input elements at the same (broadcast) place only. */
  readonly elementwise: boolean;
  /** Inputs whose values, not only shapes, decide the output shape. */
  readonly shapeInputs: readonly number[];
  /** Attributes that methods and forms look at. */
  readonly attributes: readonly string[];
}

type Options = Partial<Omit<OperatorEntry, 'name' | 'since' | 'shape'>>;

/** One row of the table. */
export function operator(
  name: string,
  since: readonly number[],
  shape: ShapeRuleId,
  options: Options = {},
): OperatorEntry {
  return {
    domain: '',
    name,
    since,
    shape,
    breaking: [],
    elementwise: false,
    shapeInputs: [],
    attributes: [],
    ...options,
  };
}
