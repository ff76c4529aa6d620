import { toStudioError } from '../../../workers/errors.ts';
import type { ModelView } from '../../../workers/protocol.ts';
import { capData } from '../files/cap-data.ts';
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
import { data as words } from '../strings/en-data.ts';
import { openFolder } from './open-model.ts';
import { readSummary } from './read-data.ts';

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

/** Read before it joins the model: data that no run can use changes nothing. */
async function add(dropped: readonly PickedFile[]): Promise<void> {
  const { folder, view } = useModel.getState();
  if (folder === undefined || view === undefined) return;
  const files = await Promise.all(dropped.map(capData));
  const names = files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).join(', ');
  const purposes = [...new Set(files.map(({ path }) => purposeOf(path)))].flatMap((p) => p ?? []);
  const joined = withData(folder, files);
  const read = await Promise.all(
    purposes.map((purpose) => readSummary(joined, view.sha256, purpose)),
  ).catch((thrown: unknown) => void refuse(thrown, names));
  if (read === undefined) return;
  const found = read.flatMap((summary) => summary ?? []);
  const problems = found.flatMap(({ problem }) => problem ?? []);
  for (const problem of problems) notify(problem, { tone: 'error' });
  if (problems.length > 0 || !(await openFolder(joined))) return;
  const summaries = found.map(({ summary }) => summary);
  notify(en.open.dataAdded(names, summaries));
  if (purposes.includes('calibration')) nameCalibration(useModel.getState().view?.data);
}

function refuse(thrown: unknown, names: string): void {
  const { code, message } = toStudioError(thrown);
  if (code === 'cancelled') notify(words.notAdded(names));
  else notify(message, { tone: 'error' });
}

/** A recipe that names its data names the new one. */
function nameCalibration(data: ModelView['data'] | undefined): void {
  const { calibration } = useRecipe.getState();
  const name = data?.calibration?.name;
  if (calibration !== undefined && name !== undefined) {
    setCalibration({ ...calibration, data: name });
  }
}
