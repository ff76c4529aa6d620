import { useRef, useState, type DragEvent, type ReactNode } from 'react';
import { filesOfDrop } from '../files/drop.ts';
import { takeFiles } from '../flows/choose-files.ts';
import { expectModel } from '../flows/first-glance.ts';
import { en } from '../strings/en.ts';
import styles from './drop-target.module.css';

/** The whole window takes drops. */
export function DropTarget({ children }: { children: ReactNode }) {
  const [over, setOver] = useState(false);
  // dragenter and dragleave fire for every element that is crossed.
  const depth = useRef(0);
  const enter = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    if (depth.current === 0) expectModel();
    depth.current += 1;
    setOver(true);
  };
  const leave = (): void => {
    depth.current = Math.max(0, depth.current - 1);
    if (depth.current === 0) setOver(false);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    void filesOfDrop(event.dataTransfer).then(takeFiles);
  };
  return (
    <div
      className={styles.target}
      onDragEnter={enter}
      onDragOver={(event) => event.preventDefault()}
      onDragLeave={leave}
      onDrop={drop}
    >
      {children}
      {over && (
        <div className={styles.overlay} aria-hidden>
          <span>{en.app.dropHere}</span>
        </div>
      )}
    </div>
  );
}
