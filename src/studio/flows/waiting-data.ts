import { useModel } from '../state/model-store.ts';
import { notify } from '../state/notice-store.ts';
import { data as words } from '../strings/en-data.ts';
import type { PickedFile } from '../files/folder.ts';
import { takeData } from './take-data.ts';

let stop: (() => void) | undefined;

/** Data that came before its model joins the next one that is opened. */
export function keepForModel(files: readonly PickedFile[], openModel: () => void): void {
  stop?.();
  const names = files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).join(', ');
  stop = useModel.subscribe(({ view }) => {
    if (view === undefined) return;
    stop?.();
    stop = undefined;
    void takeData(files);
  });
  notify(words.kept(names), { action: { label: words.keptAsk, perform: openModel } });
}
