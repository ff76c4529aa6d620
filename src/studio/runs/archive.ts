import type { Trial } from '../../../workers/protocol.ts';

/** One file of an archive of trials. */
export interface Archived {
  readonly name: string;
  readonly input: Blob | string;
  readonly lastModified: Date;
}

/** The files of a trial, asked for one trial at a time: never more than one lies in memory. */
export type FilesOf = (id: string) => Promise<readonly { path: string; blob: Blob }[]>;

/**
 * Every trial in a folder of its own: `trial.json` with recipe, notes and report, and the files of its model. One
 * whose files are gone keeps its report.
 */
export async function* archiveOf(
  trials: readonly Trial[],
  filesOf: FilesOf,
  onTrial: (done: number) => void = () => undefined,
): AsyncGenerator<Archived> {
  const taken = new Set<string>();
  for (const [at, trial] of trials.entries()) {
    const folder = folderOf(trial, taken);
    const lastModified = new Date(trial.createdAt);
    const json = JSON.stringify(trial, null, 2) + '\n';
    yield { name: `${folder}/trial.json`, input: json, lastModified };
    const files = trial.state === 'done' ? await filesOf(trial.id).catch(() => []) : [];
    for (const { path, blob } of files) {
      yield { name: `${folder}/${path}`, input: blob, lastModified };
    }
    onTrial(at + 1);
  }
}

function folderOf({ model, name, id }: Trial, taken: Set<string>): string {
  const plain = (text: string): string => text.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '');
  const wanted = `${plain(model.name) || 'model'}/${plain(name) || plain(id)}`;
  const folder = taken.has(wanted) ? `${wanted}-${plain(id).slice(0, 8)}` : wanted;
  taken.add(folder);
  return folder;
}
