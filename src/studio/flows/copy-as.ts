import type { Recipe } from '../../core/recipe/types.ts';
import type { ModelView, Trial } from '../../../workers/protocol.ts';
import { useCatalog } from '../recipe/method-card.ts';
import { useModel } from '../state/model-store.ts';
import { chosenParts } from '../state/parts.ts';
import { useView } from '../state/view-store.ts';
import { resultText } from '../strings/en-result.ts';
import { copy } from './share-link.ts';

export const COPY_KINDS = ['command', 'python', 'javascript', 'markdown', 'recipe'] as const;
export type CopyKind = (typeof COPY_KINDS)[number];

/** What of it can be copied before anything ran: what needs no file. */
export const BEFORE_A_RUN: readonly CopyKind[] = ['command', 'recipe'];

/** Puts a recipe, or what was made with it, on the clipboard as text for elsewhere. */
export async function copyAs(kind: CopyKind, recipe: Recipe, trial?: Trial): Promise<void> {
  const { view } = useModel.getState();
  if (view === undefined) return;
  await copy(await textOf(kind, view, recipe, trial), resultText.copied[kind]);
}

async function textOf(
  kind: CopyKind,
  view: ModelView,
  recipe: Recipe,
  trial: Trial | undefined,
): Promise<string> {
  const {
    exportPath,
    pythonSnippet,
    transformersJsSnippet,
    markdownRow,
    compressCommand,
    folderName,
  } = await import('./copy-as-texts.ts');
  const path = exportPath(view, recipe, trial?.parts !== undefined);
  const file = path.replace(/^.*\//, '');
  const { hasTokenizer, task, name } = view;
  switch (kind) {
    case 'command': {
      const { presets } = useCatalog.getState();
      return compressCommand(recipe, { ...view, parts: partsOf(view, trial) }, file, presets);
    }
    case 'python':
      return pythonSnippet({ file, hasTokenizer });
    case 'javascript':
      return transformersJsSnippet({ folder: folderName(name, recipe), file, task, hasTokenizer });
    case 'markdown':
      return trial?.report === undefined ? '' : markdownRow(trial.name, trial.report);
    case 'recipe':
      return `${JSON.stringify(recipe, null, 2)}\n`;
  }
}

/** Of a folder of several parts: those the trial was made of, else those that a run would take. */
function partsOf(view: ModelView, trial: Trial | undefined): readonly string[] {
  if (view.parts.length < 2) return [];
  const made = trial?.parts?.flatMap(({ path, trial: id }) => (id === undefined ? [] : [path]));
  return made ?? chosenParts(view, useView.getState().alsoParts).map(({ path }) => path);
}
