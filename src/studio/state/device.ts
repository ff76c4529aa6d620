import { create } from 'zustand';
import { DEVICE_WISHES, type DeviceWish } from '../../../workers/protocol.ts';
import { clients } from '../client/clients.ts';
import { queries } from './trials.ts';

const KEY = 'lathe-device';

/** `?device=webgpu` holds for this visit; what the switch says is remembered. */
function wanted(): DeviceWish {
  const said = new URLSearchParams(location.search).get('device') ?? remembered();
  return DEVICE_WISHES.find((wish) => wish === said) ?? 'auto';
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const useDeviceWish = create<{ wish: DeviceWish }>()(() => ({ wish: wanted() }));

/** Holds for everything that starts from now on. */
export async function setDeviceWish(wish: DeviceWish): Promise<void> {
  try {
    localStorage.setItem(KEY, wish);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  useDeviceWish.setState({ wish });
  await clients().engine.useDevice(wish);
  await queries.invalidateQueries({ queryKey: ['capabilities'] });
}
