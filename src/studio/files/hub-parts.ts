import { defaultPart, distinctParts, partsBeside } from '../../core/companions/choose-parts.ts';
import { isCompanion } from '../../core/companions/names.ts';
import { partBase, partOf, partPlace, type ModelPart } from '../../core/companions/parts.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';

export interface Listed {
  readonly path: string;
  readonly size: number;
}

/** One `.onnx` file of a repository, with the bytes of its shards. */
export interface ListedPart extends ModelPart {
  readonly bytes: number;
}

/** One part of a repository in all the dtypes it is there in, the most precise first. */
export interface PartChoice {
  readonly name: string;
  readonly files: readonly ListedPart[];
}

/** The parts a repository lists. @throws LatheError `hub-no-onnx` */
export function listedParts(listed: readonly Listed[], repo: string): readonly ListedPart[] {
  const models = listed.filter(({ path }) => /\.onnx$/i.test(path));
  if (models.length === 0) throw noOnnx(repo);
  return models.map(({ path }) => ({
    ...partOf({ path }),
    bytes: filesOfPart(listed, path).reduce((sum, { size }) => sum + size, 0),
  }));
}

/** What there is to choose among, by part. */
export function choicesOf(parts: readonly ListedPart[]): readonly PartChoice[] {
  return distinctParts(parts).map((first) => {
    const name = partPlace(first) + partBase(first);
    const others = parts.filter(
      (part) => part !== first && partPlace(part) + partBase(part) === name,
    );
    return { name, files: [first, ...others] };
  });
}

/** Where nothing was said: the part that stands for all, and what loaders need beside it. */
export function usualChoice(parts: readonly ListedPart[]): readonly ListedPart[] {
  const first = defaultPart(parts);
  return first === undefined ? [] : [first, ...partsBeside(parts, [first])];
}

/** The chosen parts with their shards, and the company of all. @throws LatheError `hub-no-file` */
export function filesOfParts(
  listed: readonly Listed[],
  repo: string,
  paths: readonly string[],
): readonly Listed[] {
  for (const path of paths) {
    if (!listed.some((file) => file.path === path)) throw noFile(listed, repo, path);
  }
  const company = listed.filter(({ path }) => isCompanion(path));
  return [...paths.flatMap((path) => filesOfPart(listed, path)), ...company];
}

/** A part's graph, then its shards. */
function filesOfPart(listed: readonly Listed[], path: string): Listed[] {
  const isShard = (file: Listed) =>
    file.path.startsWith(`${path}_data`) || file.path.startsWith(`${path}.data`);
  return [...listed.filter((file) => file.path === path), ...listed.filter(isShard)];
}

function noOnnx(repo: string): LatheError {
  return new LatheError(
    'hub-no-onnx',
    `“${repo}” holds no .onnx file, so there is nothing to open here. Look for the same model under onnx-community, or export it with Optimum first.`,
    { repo },
  );
}

function noFile(listed: readonly Listed[], repo: string, path: string): LatheError {
  const names = listed.flatMap((file) => (/\.onnx$/i.test(file.path) ? [file.path] : []));
  return new LatheError(
    'hub-no-file',
    `“${repo}” holds no file “${path}”; its models are ${names.join(', ')}. Correct the address, or give the repository alone to choose.`,
    { repo },
  );
}
