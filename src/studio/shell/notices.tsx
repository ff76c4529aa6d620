import { X } from 'lucide-react';
import { dismiss, useNotices } from '../state/notice-store.ts';
import { en } from '../strings/en.ts';
import { Button, IconButton, join } from '../ui/button.tsx';
import styles from './notices.module.css';

/** Short messages in a corner, and the one polite live region of the page. */
export function Notices() {
  const notices = useNotices((state) => state.notices);
  const spoken = useNotices((state) => state.spoken);
  return (
    <>
      <div role="status" aria-live="polite" className="visually-hidden">
        {spoken}
      </div>
      {notices.length > 0 && (
        <section aria-label={en.app.messages}>
          <ul className={styles.list}>
            {notices.map(({ id, text, tone, action }) => (
              <li key={id} className={join(styles.notice, tone === 'error' && styles.error)}>
                <span>{text}</span>
                {action && (
                  <Button
                    tone="quiet"
                    onClick={() => {
                      action.perform();
                      dismiss(id);
                    }}
                  >
                    {action.label}
                  </Button>
                )}
                <IconButton icon={X} label={en.app.dismiss} small onClick={() => dismiss(id)} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
