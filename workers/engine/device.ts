import { LatheError } from '../../src/core/errors/lathe-error.ts';
import { probe, type HostCapabilities } from '../../src/runtime/capabilities.ts';
import { chooseDevice } from '../../src/runtime/choose-device.ts';
import type { Support } from '../../src/runtime/formats/support.ts';
import type { DeviceChoice } from '../../src/runtime/types.ts';
import type { GpuCheck } from '../gpu-check.worker.ts';
import type { DeviceWish } from '../protocol.ts';
import { threadOf, ThreadLink } from '../thread-link.ts';

/** Longest that a driver may think about the probes, in milliseconds. */
const PATIENCE_MS = 60_000;

let checking: Promise<Support> | undefined;

/** Asks the graphics device once, in a thread that is then thrown away. */
function gpuCheck(): Promise<Support> {
  checking ??= askThread();
  return checking;
}

async function askThread(): Promise<Support> {
  const link = new ThreadLink<GpuCheck>({
    spawn: () =>
      threadOf(new Worker(new URL('../gpu-check.worker.ts', import.meta.url), { type: 'module' })),
    failed: (said) => new LatheError('device-wrong', `its thread stopped (${said})`),
  });
  const late = new LatheError('device-wrong', `it did not answer in ${PATIENCE_MS / 1000} seconds`);
  const timer = setTimeout(() => link.end(late), PATIENCE_MS);
  try {
    return await link.call((thread) => thread.check());
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    link.end();
  }
}

/** The device that runs use, with its reason; a graphics device only after its probes. */
export async function deviceFor(
  wish: DeviceWish,
  found?: HostCapabilities,
  check: () => Promise<Support> = gpuCheck,
): Promise<DeviceChoice> {
  const capabilities = found ?? (await probe());
  const asked = wish === 'auto' ? {} : { device: wish };
  const choice = chooseDevice(capabilities, asked);
  if (choice.device !== 'webgpu') return choice;
  const { ok, reason = 'it gave no reason' } = await check();
  if (ok) return choice;
  return chooseDevice({ ...capabilities, webgpu: failed(capabilities.webgpu, reason) }, asked);
}

function failed({ adapter = 'unnamed' }: HostCapabilities['webgpu'], reason: string) {
  const why = reason.replace(/\.$/, '');
  return { available: false, reason: `the graphics adapter (${adapter}) failed its probe: ${why}` };
}
