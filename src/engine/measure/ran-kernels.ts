import { kernelsOfFile, kernelsOfSession, type Kernels } from '../../core/report/kernels.ts';
import type { Runtime } from '../../runtime/types.ts';
import { readWritten, writtenBytes, type WrittenModel } from '../model/written.ts';

/** Larger files are not opened once more to see what a session makes of them. */
const OPENED_AGAIN_UP_TO = 256 * 2 ** 20;

/**
 * What computes the linear layers of the written file: of the session's own graph where the runtime hands it out, else
 * of the file. Nothing is known where neither can be read; a finished run is never lost for it.
 */
export async function ranKernels(
  runtime: Pick<Runtime, 'optimized'>,
  written: WrittenModel,
): Promise<Kernels | undefined> {
  try {
    const file = await readWritten(written);
    if (runtime.optimized === undefined || !isSmall(written)) return kernelsOfFile(file);
    const bytes = await written.file.read(0, written.file.byteLength);
    return kernelsOfSession(await runtime.optimized(bytes), file);
  } catch {
    return undefined;
  }
}

function isSmall(written: WrittenModel): boolean {
  return written.data.length === 0 && writtenBytes(written) <= OPENED_AGAIN_UP_TO;
}
