import type { ModelView, Task } from '../../../workers/protocol.ts';
import { openFolder } from '../flows/open-model.ts';
import { useJob } from '../state/job-store.ts';
import { useModel } from '../state/model-store.ts';
import { en } from '../strings/en.ts';
import styles from './header.module.css';

/** What the model is taken for, why, and what else it could serve as. */
export function TaskSelect({ view: { task, taskReason, tasks } }: { view: ModelView }) {
  const folder = useModel((state) => state.folder);
  const running = useJob((state) => state.running);
  const open = (next: string): void => {
    const asked = tasks.find((each) => each === next);
    if (folder !== undefined && asked !== undefined) void openFolder({ ...folder, task: asked });
  };
  return (
    <select
      className={styles.task}
      aria-label={en.app.task}
      title={en.app.taskReason(taskReason)}
      value={task}
      disabled={running}
      onChange={({ target }) => open(target.value)}
    >
      {choices(task, tasks).map((each) => (
        <option key={each} value={each}>
          {en.tasks[each]}
        </option>
      ))}
    </select>
  );
}

function choices(task: Task, tasks: readonly Task[]): readonly Task[] {
  return tasks.includes(task) ? tasks : [task, ...tasks];
}
