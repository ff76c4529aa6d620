import { partsBeside } from '../../core/companions/choose-parts.ts';
import { companionBytes } from '../../core/companions/files.ts';
import { withLoaderConfig } from '../../core/companions/loader-config.ts';
import { partPlace, stemOf } from '../../core/companions/parts.ts';
import type { Companions } from '../../core/companions/types.ts';
import { bytesSource } from '../../core/onnx/source.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { companionsOf, type Origin } from '../companions.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { FolderFile } from '../model/folder.ts';
import type { OpenModel } from '../model/open.ts';
import { partFiles } from '../model/part-files.ts';
import { readWritten, type WrittenModel } from '../model/written.ts';
import type { Trial } from '../trials/types.ts';
import { modelCard } from './card.ts';
import { exportPath, keptPlace } from '../../core/recipe/part-name.ts';
import { partsCard } from './parts-card.ts';

/** One compressed part of a folder. */
export interface ExportedPart {
  readonly open: Origin & Pick<OpenModel, 'model'>;
  readonly trial: Trial;
  readonly written: WrittenModel;
}

/**
 * A finished trial as a folder in the Hugging Face layout, which transformers.js loads: the model and its
 * data files in `onnx/`, its company, a card and the report. The page zips these files and the command
 * line writes them.
 */
export async function exportedFolder(
  open: ExportedPart['open'],
  trial: Trial,
  written: WrittenModel,
): Promise<FolderFile[]> {
  return exportedParts([{ open, trial, written }]);
}

/**
 * The same of a run over several parts of one folder, each under the name it had with the recipe's suffix.
 * What a loader needs beside them comes along as it is.
 */
export async function exportedParts(made: readonly ExportedPart[]): Promise<FolderFile[]> {
  const several = made.some(({ trial }) => trial.parts !== undefined);
  const named = made.map((part) => ({
    ...part,
    path: exportPath(part.open, part.trial.recipe, several),
  }));
  const models = [...named.flatMap(writtenFiles), ...(await keptFiles(made))];
  const company = withLoaderConfig(
    await companyOf(made),
    models.map(({ path }) => path),
  );
  const card = several
    ? partsCard(named)
    : modelCard(named[0].trial, named[0].path, models.slice(writtenFiles(named[0]).length), {
        task: made[0].open.task,
        hasTokenizer: company.has('tokenizer.json'),
        hasConfig: company.has('config.json'),
      });
  return [
    ...models,
    ...[...company].map(([path, file]) => ({ path, source: bytesSource(companionBytes(file)) })),
    textFile('README.md', card),
    ...named.flatMap(({ trial, path }) => reportFile(trial, several ? `.${stemOf(path)}` : '')),
  ];
}

function writtenFiles({ path, written }: ExportedPart & { readonly path: string }): FolderFile[] {
  const place = partPlace({ path });
  const data = written.data.map((file) => ({ ...file, path: place + file.path }));
  return [{ path, source: written.file }, ...data];
}

/** What loaders need beside the compressed parts, as it was. */
async function keptFiles(made: readonly ExportedPart[]): Promise<FolderFile[]> {
  const [{ open }] = made;
  const beside = partsBeside(
    open.parts,
    made.map((part) => part.open.part),
  );
  const files = await Promise.all(beside.map((part) => partFiles(open.folder, part)));
  return files.flat().map(({ path, source }) => ({
    path: keptPlace({ path }) + path.slice(partPlace({ path }).length),
    source,
  }));
}

/**
 * The company of the folder, as each part after another leaves it. A trial's recipe is closed, so planning it again
 * tells what its steps say of the files; parts that cut the vocabulary alike say it once.
 */
async function companyOf(made: readonly ExportedPart[]): Promise<Companions> {
  let files: Companions | undefined;
  let cut: string | undefined;
  for (const { open, trial, written } of made) {
    const { steps } = await planRecipe(open.model, open.anatomy, trial.recipe);
    const tokens = steps.flatMap(({ tokens: kept }) => (kept ? [[...kept].join()] : [])).join('\n');
    if (cut !== undefined && tokens !== cut) throw vocabulariesDiffer(open.part.path);
    const said = cut === undefined || tokens === '' ? steps : steps.filter((step) => !step.tokens);
    cut = tokens;
    files = await companionsOf(open, trial.recipe, await readWritten(written), said, files);
  }
  return files ?? new Map();
}

function vocabulariesDiffer(path: string): LatheError {
  return new LatheError(
    'parts-vocabularies-differ',
    `The part "${path}" keeps other tokens than the parts before it, and one tokenizer cannot serve them all; cut the vocabulary of all parts alike, or of none.`,
    { path },
  );
}

function reportFile({ report }: Trial, part: string): FolderFile[] {
  if (report === undefined) return [];
  return [textFile(`lathe-report${part}.json`, JSON.stringify(report, null, 2))];
}

function textFile(path: string, text: string): FolderFile {
  return { path, source: bytesSource(new TextEncoder().encode(text)) };
}
