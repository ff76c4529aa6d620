import { Menu } from '@base-ui/react/menu';
import { Plus } from 'lucide-react';
import type { Family } from '../../../../core/methods/contract.ts';
import { defaultOptions, useCatalog, type MethodCard } from '../../../recipe/method-card.ts';
import { addStep } from '../../../state/recipe-store.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import popup from '../../../ui/popup.module.css';
import styles from './recipe-column.module.css';

/** All methods by family, each with the sentence a beginner reads. */
export function AddStep() {
  const cards = useCatalog((state) => state.cards);
  const families = Object.keys(en.recipe.families) as Family[];
  return (
    <Menu.Root>
      <Menu.Trigger
        render={
          <Button icon={Plus} className={styles.add}>
            {en.recipe.add}
          </Button>
        }
      />
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="start" className={popup.layer}>
          <Menu.Popup className={popup.popup}>
            {families.map((family) => (
              <FamilyGroup
                key={family}
                title={en.recipe.families[family]}
                cards={cards.filter((card) => card.family === family)}
              />
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function FamilyGroup({ title, cards }: { title: string; cards: readonly MethodCard[] }) {
  if (cards.length === 0) return null;
  return (
    <Menu.Group>
      <Menu.GroupLabel className={popup.heading}>{title}</Menu.GroupLabel>
      {cards.map((card) => (
        <Menu.Item
          key={card.id}
          className={popup.item}
          label={card.title}
          onClick={() => addStep(card.id, defaultOptions(card))}
        >
          <span className={popup.described}>
            <strong>{card.title}</strong>
            <small>{card.plain}</small>
          </span>
        </Menu.Item>
      ))}
    </Menu.Group>
  );
}
