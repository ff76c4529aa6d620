/** What a new method is called where. */
export interface MethodNames {
  readonly family: string;
  /** kebab-case: folder, files, recipe. */
  readonly id: string;
  /** camelCase: the constant. */
  readonly constant: string;
  /** For people, until somebody finds a better one. */
  readonly title: string;
}

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * The names in `family/id`. Throws one sentence when it is not of this form, when there is no such family, or when a
 * method of this id is there already.
 */
export function methodNames(
  argument: string | undefined,
  families: readonly string[],
  taken: readonly string[],
): MethodNames {
  const [family = '', id = '', ...rest] = (argument ?? '').split('/');
  if (!KEBAB.test(family) || !KEBAB.test(id) || rest.length > 0)
    throw new Error(
      `A new method is named by family and id, both in lower case with hyphens, but "${argument ?? ''}" was given: npm run new-method -- pruning/my-method.`,
    );
  if (!families.includes(family))
    throw new Error(
      `There is no family "${family}"; the families are ${families.join(', ')}. A new one is a line in src/core/methods/families.ts.`,
    );
  if (taken.includes(id))
    throw new Error(`There is a method "${id}" already; choose another id, or edit that one.`);
  const words = id.split('-');
  const [first, ...others] = words;
  return {
    family,
    id,
    constant: first + others.map((word) => capital(word)).join(''),
    title: capital(words.join(' ')),
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
