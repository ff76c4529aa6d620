import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, type RefObject } from 'react';
import { useLocation } from 'wouter';
import type { Capabilities } from '../../../workers/protocol.ts';
import { clients } from '../client/clients.ts';
import { whenIdle } from '../client/when-idle.ts';
import { formatBytes } from '../format/format.ts';
import { setDeviceWish, useDeviceWish } from '../state/device.ts';
import { en } from '../strings/en.ts';
import styles from './header.module.css';

export function useCapabilities() {
  return useQuery({
    queryKey: ['capabilities'],
    // Probing starts the engine's thread, which would take a core from the first paint.
    queryFn: async () => {
      await whenIdle();
      return clients().engine.capabilities();
    },
  });
}

export function deviceName({ device, threads }: Capabilities): string {
  return device === 'webgpu' ? en.device.webgpu : en.device.wasm(threads);
}

/** Which backend computes, and why that one. */
export function DeviceChip() {
  const { data } = useCapabilities();
  const details = useRef<HTMLDetailsElement>(null);
  useClosing(details);
  if (data === undefined) return null;
  return (
    <details ref={details} className={styles.explain}>
      <summary className={styles.chip} data-slow={data.crossOriginIsolated ? undefined : true}>
        {deviceName(data)}
      </summary>
      <div>
        <DeviceFacts capabilities={data} />
        <ReproducibleSwitch />
      </div>
    </details>
  );
}

/** Esc, a press elsewhere and another screen close it. */
function useClosing(details: RefObject<HTMLDetailsElement | null>): void {
  const [path] = useLocation();
  useEffect(() => details.current?.removeAttribute('open'), [path, details]);
  useEffect(() => {
    const control = new AbortController();
    const { signal } = control;
    const close = (focus: boolean): void => {
      if (details.current?.open !== true) return;
      details.current.open = false;
      if (focus) details.current.querySelector('summary')?.focus();
    };
    addEventListener('keydown', ({ key }) => key === 'Escape' && close(true), { signal });
    addEventListener(
      'pointerdown',
      ({ target }) => target instanceof Node && !details.current?.contains(target) && close(false),
      { signal },
    );
    return () => control.abort();
  }, [details]);
}

/** The one choice there is: the same bytes everywhere, or the fastest device. */
function ReproducibleSwitch() {
  const wish = useDeviceWish((state) => state.wish);
  return (
    <label className={styles.switch} title={en.device.reproducibleHelp}>
      <input
        type="checkbox"
        role="switch"
        checked={wish === 'wasm'}
        onChange={({ target }) => void setDeviceWish(target.checked ? 'wasm' : 'auto')}
      />
      {en.device.reproducible}
    </label>
  );
}

export function DeviceFacts({ capabilities }: { capabilities: Capabilities }) {
  const { reason, webgpu, crossOriginIsolated } = capabilities;
  const buffers =
    webgpu.maxBufferBytes === undefined ? '' : `, ${formatBytes(webgpu.maxBufferBytes)} buffers`;
  return (
    <>
      <p>{reason}</p>
      {webgpu.adapter !== undefined && (
        <p>
          {webgpu.adapter}
          {buffers}
        </p>
      )}
      {!crossOriginIsolated && <p>{en.device.notIsolated}</p>}
    </>
  );
}
