import { action } from '../../../actions/registry.ts';
import { useJob } from '../../../state/job-store.ts';
import { orderedSteps, useBenchOrder } from '../../../state/order-store.ts';
import { useRecipe } from '../../../state/recipe-store.ts';
import { orders } from '../../../strings/en-orders.ts';
import { Button } from '../../../ui/button.tsx';
import styles from './recipe-column.module.css';

/** With two steps or more: which of two should go first is a question that four runs answer. */
export function CompareOrders() {
  const steps = useRecipe((state) => state.steps);
  const running = useJob((state) => state.running);
  const known = useBenchOrder() !== undefined;
  if (steps.length < 2) return null;
  const { icon, perform } = action('orders');
  const { length } = orderedSteps(steps);
  return (
    <Button
      tone="quiet"
      icon={icon}
      className={styles.orders}
      title={length === 2 ? orders.help : orders.two(length)}
      aria-disabled={running || length !== 2 || undefined}
      onClick={() => {
        if (!running) void perform();
      }}
    >
      {known ? orders.again : orders.compare}
    </Button>
  );
}
