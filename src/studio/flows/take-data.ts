import {
  forPurpose,
  purposeOf,
  saidPurpose,
  withData,
  type PickedFile,
  type Purpose,
} from '../files/folder.ts';
import { packPictures } from '../files/pack-pictures.ts';
import { useModel } from '../state/model-store.ts';
import { notify } from '../state/notice-store.ts';
import { setCalibration, useRecipe } from '../state/recipe-store.ts';
import { useView } from '../state/view-store.ts';
import { en } from '../strings/en.ts';
import { openFolder } from './open-model.ts';

/** Adds data to the open model; files whose names do not say what they are for are asked about. */
export async function takeData(dropped: readonly PickedFile[]): Promise<void> {
  const files = (await packPictures(dropped)).map(asSaid);
  const named = files.filter(({ path }) => purposeOf(path) !== undefined);
  const unsorted = files.filter((file) => !named.includes(file));
  useView.setState({ unsorted });
  if (named.length > 0) await add(named);
}

function asSaid(file: PickedFile): PickedFile {
  const said = purposeOf(file.path) === undefined ? saidPurpose(file.path) : undefined;
  return said === undefined ? file : forPurpose(file, said);
}

/** The answer to what the first file that waits is for; none drops it. */
export async function sortData(purpose: Purpose | undefined): Promise<void> {
  const [file, ...unsorted] = useView.getState().unsorted;
  useView.setState({ unsorted });
  if (file !== undefined && purpose !== undefined) await add([forPurpose(file, purpose)]);
}

async function add(files: readonly PickedFile[]): Promise<void> {
  const { folder } = useModel.getState();
  if (folder === undefined || !(await openFolder(withData(folder, files)))) return;
  const data = useModel.getState().view?.data;
  const purposes = new Set(files.map(({ path }) => purposeOf(path)));
  const read = [...purposes].flatMap((purpose) => (purpose && data?.[purpose]) ?? []);
  const problems = read.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) {
    // What was there before is better than data that no run can use.
    await openFolder(folder);
    for (const problem of problems) notify(problem, { tone: 'error' });
    return;
  }
  const names = files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).join(', ');
  const summaries = read.map(({ summary }) => summary);
  notify(en.open.dataAdded(names, summaries));
  if (purposes.has('calibration')) nameCalibration(data?.calibration?.name);
}

/** A recipe that names its data names the new one. */
function nameCalibration(data: string | undefined): void {
  const { calibration } = useRecipe.getState();
  if (calibration !== undefined && data !== undefined) setCalibration({ ...calibration, data });
}
