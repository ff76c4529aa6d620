import { companionBytes } from '../../core/companions/files.ts';
import { bytesSource } from '../../core/onnx/source.ts';
import { exportFileName } from '../../core/recipe/file-name.ts';
import type { Report } from '../../core/report/types.ts';
import { companionsOf, type Followed, type Origin } from '../companions.ts';
import type { FolderFile } from '../model/folder.ts';
import { readWritten, type WrittenModel } from '../model/written.ts';
import type { Trial } from '../trials/types.ts';
import { modelCard } from './card.ts';

/**
 * A finished trial as a folder in the Hugging Face layout, which transformers.js loads: the model and its
 * data files in `onnx/`, its company, a card and the report. The page zips these files and the command
 * line writes them.
 */
export async function exportedFolder(
  open: Origin,
  trial: Trial,
  written: WrittenModel,
  followed: readonly Followed[] = [],
): Promise<FolderFile[]> {
  const name = exportFileName(trial.recipe);
  const companions = await companionsOf(open, trial.recipe, await readWritten(written), followed);
  return [
    { path: `onnx/${name}`, source: written.file },
    ...written.data.map(({ path, source }) => ({ path: `onnx/${path}`, source })),
    ...[...companions].map(([path, file]) => ({ path, source: bytesSource(companionBytes(file)) })),
    textFile('README.md', modelCard(trial, name)),
    ...(trial.report === undefined ? [] : [reportFile(trial.report)]),
  ];
}

function reportFile(report: Report): FolderFile {
  return textFile('lathe-report.json', JSON.stringify(report, null, 2));
}

function textFile(path: string, text: string): FolderFile {
  return { path, source: bytesSource(new TextEncoder().encode(text)) };
}
