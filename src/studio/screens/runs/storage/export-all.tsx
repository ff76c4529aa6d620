import { Archive } from 'lucide-react';
import { useState } from 'react';
import { toStudioError } from '../../../../../workers/errors.ts';
import type { Trial } from '../../../../../workers/protocol.ts';
import { exportTrials } from '../../../flows/export-trials.ts';
import { notify } from '../../../state/notice-store.ts';
import { storage as t } from '../../../strings/en-runs.ts';
import { Button } from '../../../ui/button.tsx';

/** Reports and files of all trials in one zip, with how far it is. */
export function ExportAll({ trials }: { trials: readonly Trial[] }) {
  const [done, setDone] = useState<number>();
  const pack = async (): Promise<void> => {
    setDone(0);
    try {
      await exportTrials(trials, setDone);
    } catch (thrown) {
      notify(toStudioError(thrown).message, { tone: 'error' });
    } finally {
      setDone(undefined);
    }
  };
  return (
    <Button icon={Archive} disabled={done !== undefined} onClick={() => void pack()}>
      {done === undefined ? t.exportAll : t.exporting(done, trials.length)}
    </Button>
  );
}
