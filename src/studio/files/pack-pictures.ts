import { PICTURE_NAME } from '../../core/data/picture-name.ts';
import { commonDirectory, type PickedFile } from './folder.ts';

/**
 * Pictures that were dropped together as one archive, which is what the engine reads; their folders, which are their
 * classes, are kept. Other files stay as they are.
 */
export async function packPictures(files: readonly PickedFile[]): Promise<readonly PickedFile[]> {
  const pictures = files.filter(({ path }) => PICTURE_NAME.test(path));
  if (pictures.length === 0) return files;
  const { downloadZip } = await import('client-zip');
  const root = commonDirectory(pictures.map(({ path }) => path));
  const name = root.split('/').filter(Boolean).at(-1) ?? 'pictures';
  const packed = pictures.map(({ path, blob }) => ({ name: path.slice(root.length), input: blob }));
  const blob = await downloadZip(packed).blob();
  const others = files.filter((file) => !pictures.includes(file));
  return [...others, { path: `${name}.zip`, blob }];
}
