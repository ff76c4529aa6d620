import { Scissors } from 'lucide-react';
import { structure as t } from '../../../strings/en-structure.ts';
import { Button } from '../../../ui/button.tsx';
import { chooseNothing, cutChosen, useCutChoice } from './use-cut-choice.ts';
import styles from './structure-tab.module.css';

/** What is chosen, and what can be done with it; how to choose while nothing is. */
export function CutBar() {
  const { blocks, heads } = useCutChoice();
  if (blocks.length + heads.length === 0) return <p className={styles.quiet}>{t.chooseHelp}</p>;
  return (
    <div className={styles.chosen} role="status">
      <span>{t.chosen(blocks.length, heads.length)}</span>
      <Button tone="primary" icon={Scissors} title={t.cutHelp} onClick={cutChosen}>
        {t.cut}
      </Button>
      <Button tone="quiet" onClick={chooseNothing}>
        {t.chooseNothing}
      </Button>
    </div>
  );
}
