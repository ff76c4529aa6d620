import { useEffect, useRef, useState, type RefObject } from 'react';
import { between } from '../../../frontier/camera.ts';
import { spotAt, type Frame } from '../../../frontier/frame.ts';
import type { CameraControl } from './use-camera.ts';

/** A part of the chart that is being dragged over, in pixels. */
export interface DragBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How much one turn of the wheel, or one key, shows. */
export const STEP = 1.25;
const WHEEL = 0.0022;

/** Drag to zoom in, wheel with Ctrl or ⌘, keys while something in the chart has the focus. */
export function useGestures(
  box: RefObject<HTMLDivElement | null>,
  frame: Frame | undefined,
  control: CameraControl,
): DragBox | undefined {
  const [drag, setDrag] = useState<DragBox>();
  const latest = useRef({ frame, control });
  useEffect(() => {
    latest.current = { frame, control };
  });
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const now = (): { frame: Frame | undefined; control: CameraControl } => latest.current;
    const stop = new AbortController();
    const { signal } = stop;
    element.addEventListener('wheel', (event) => turned(event, element, now()), {
      passive: false,
      signal,
    });
    element.addEventListener('keydown', (event) => pressed(event, now()), { signal });
    element.addEventListener('dblclick', () => now().control.reset(), { signal });
    element.addEventListener('pointerdown', (event) => dragged(event, element, now, setDrag), {
      signal,
    });
    return () => stop.abort();
  }, [box]);
  return drag;
}

interface Now {
  readonly frame: Frame | undefined;
  readonly control: CameraControl;
}

function turned(event: WheelEvent, element: HTMLElement, { frame, control }: Now): void {
  // Without a key the wheel scrolls the page, as everywhere.
  if (frame === undefined || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  const { left, top } = element.getBoundingClientRect();
  const spot = spotAt(frame, event.clientX - left, event.clientY - top);
  control.zoom(frame, Math.exp(event.deltaY * WHEEL), spot);
}

/** Pan keys, with Shift, by this share of what is seen. */
const PAN = 0.15;

function pressed(event: KeyboardEvent, { frame, control }: Now): void {
  if (frame === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const up = frame.lowerIsBetter ? -PAN : PAN;
  const moves: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-PAN, 0],
    ArrowRight: [PAN, 0],
    ArrowUp: [0, up],
    ArrowDown: [0, -up],
  };
  const by = event.shiftKey ? moves[event.key] : undefined;
  if (by !== undefined) control.move(frame, { x: by[0], y: by[1] });
  else if (event.key === '+' || event.key === '=') control.zoom(frame, 1 / STEP);
  else if (event.key === '-') control.zoom(frame, STEP);
  else if (event.key === '0') control.reset();
  else return;
  event.preventDefault();
}

/** Less than this is a click whose hand shook. */
const LEAST = 8;

function dragged(
  start: PointerEvent,
  element: HTMLElement,
  now: () => Now,
  setDrag: (box: DragBox | undefined) => void,
): void {
  const onControl =
    start.target instanceof Element && start.target.closest('button, [data-tip], [role=button]');
  // A finger scrolls the page; the buttons zoom there.
  if (start.button !== 0 || start.pointerType === 'touch' || onControl) return;
  const { left, top } = element.getBoundingClientRect();
  const stop = new AbortController();
  const boxTo = ({ clientX, clientY }: PointerEvent): DragBox => ({
    x: Math.min(start.clientX, clientX) - left,
    y: Math.min(start.clientY, clientY) - top,
    width: Math.abs(clientX - start.clientX),
    height: Math.abs(clientY - start.clientY),
  });
  const isDrag = ({ width, height }: DragBox): boolean => width > LEAST && height > LEAST;
  const end = (event?: PointerEvent): void => {
    stop.abort();
    setDrag(undefined);
    const { frame, control } = now();
    const box = event && boxTo(event);
    if (frame === undefined || box === undefined || !isDrag(box)) return;
    const corners = [
      spotAt(frame, box.x, box.y),
      spotAt(frame, box.x + box.width, box.y + box.height),
    ] as const;
    control.look(between(frame.view, frame.whole, ...corners));
  };
  const { signal } = stop;
  const move = (event: PointerEvent): void => {
    const box = boxTo(event);
    setDrag(isDrag(box) ? box : undefined);
  };
  window.addEventListener('pointermove', move, { signal });
  window.addEventListener('pointerup', end, { signal });
  window.addEventListener('pointercancel', () => end(), { signal });
}
