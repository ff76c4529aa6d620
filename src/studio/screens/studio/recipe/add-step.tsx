import { Combobox } from '@base-ui/react/combobox';
import { Plus, Search } from 'lucide-react';
import { memo, useMemo, useState } from 'react';
import { FAMILIES } from '../../../../core/methods/families.ts';
import { usualNeeds } from '../../../../core/methods/needs.ts';
import {
  defaultOptions,
  methodCard,
  useCatalog,
  type MethodCard,
} from '../../../recipe/method-card.ts';
import { methodGroups, type MethodGroup } from '../../../recipe/method-search.ts';
import { addStep } from '../../../state/recipe-store.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import popup from '../../../ui/popup.module.css';
import column from './recipe-column.module.css';
import styles from './add-step.module.css';

/** All methods by family: typed for, or looked through with the arrow keys. */
export function AddStep() {
  const cards = useCatalog((state) => state.cards);
  const [query, setQuery] = useState('');
  const [shown, setShown] = useState<MethodCard>();
  const groups = useMemo(() => methodGroups(cards, query), [cards, query]);
  return (
    <Combobox.Root<MethodCard>
      items={groups}
      filteredItems={groups}
      value={null}
      onValueChange={(card) => card && addStep(card.id, defaultOptions(card))}
      inputValue={query}
      onInputValueChange={setQuery}
      itemToStringLabel={({ title }) => title}
      autoHighlight
      onItemHighlighted={setShown}
    >
      <Combobox.Trigger
        // It opens a dialog with a search in it; no value of its own to be a combobox with.
        role="button"
        render={
          <Button icon={Plus} className={column.add}>
            {en.recipe.add}
          </Button>
        }
      />
      <Combobox.Portal>
        <Combobox.Positioner sideOffset={4} align="start" className={popup.layer}>
          <Combobox.Popup className={styles.popup} aria-label={en.recipe.methods}>
            <div className={styles.search}>
              <Search size={14} aria-hidden />
              <Combobox.Input
                aria-label={en.recipe.search}
                placeholder={en.recipe.searchHint(cards.length)}
              />
            </div>
            <Combobox.Empty className={styles.none}>{en.recipe.noMethod}</Combobox.Empty>
            <Combobox.List className={styles.list}>
              {(group: MethodGroup) => <Group key={group.family} group={group} />}
            </Combobox.List>
            {groups.length > 0 && <About card={shown ?? groups[0].items[0]} />}
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}

/** Moving the highlight draws what is told of it, not the sixty lines again. */
const Group = memo(function Group({ group: { family, items } }: { group: MethodGroup }) {
  return (
    <Combobox.Group items={items} className={styles.group}>
      <Combobox.GroupLabel className={styles.family}>{FAMILIES[family]}</Combobox.GroupLabel>
      <Combobox.Collection>
        {(card: MethodCard) => <Method key={card.id} card={card} />}
      </Combobox.Collection>
    </Combobox.Group>
  );
});

const Method = memo(function Method({ card }: { card: MethodCard }) {
  return (
    <Combobox.Item value={card} className={styles.method}>
      <strong>{card.title}</strong>
      <Cost card={card} />
      <small>{card.plain}</small>
    </Combobox.Item>
  );
});

/** What a method takes: time, and data to look at. */
function Cost({ card }: { card: MethodCard }) {
  const { cost } = card;
  return (
    <span className={styles.cost} data-cost={cost}>
      {[en.recipe.costs[cost], ...usualNeeds(card).map((need) => en.recipe.needs[need])].join(
        ' · ',
      )}
    </span>
  );
}

/** All of what the highlighted method says in a few words; its line holds the beginning only. */
function About({ card: { plain, paper, baseline } }: { card: MethodCard }) {
  const beside = baseline === undefined ? undefined : methodCard(baseline)?.title;
  return (
    <div className={styles.about}>
      <p>{plain}</p>
      <p>
        {paper && en.recipe.source(paper.authors.split(/,| et al/)[0], paper.year)}
        {beside !== undefined && ` ${en.recipe.beside(beside)}`}
      </p>
    </div>
  );
}
