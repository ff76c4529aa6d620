import { Tabs } from '@base-ui/react/tabs';
import { lazy, Suspense, type ComponentType } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import { ScreenFailure } from '../../shell/screen-failure.tsx';
import { EVIDENCE_TABS, useView, type EvidenceTab } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { LayersTab } from './layers/layers-tab.tsx';
import { TrainingStrip } from './training/training-strip.tsx';
import { SizeTab } from './size/size-tab.tsx';
import { TryTab } from './try/try-tab.tsx';
import { useFirstTab } from './use-first-tab.ts';
import { WeightsTab } from './weights/weights-tab.tsx';
import styles from './evidence.module.css';

/** Charts are the largest dependency of the page: they come when they are looked at. */
const FrontierTab = lazy(async () => ({
  default: (await import('./frontier/frontier-tab.tsx')).FrontierTab,
}));

const StructureTab = lazy(async () => ({
  default: (await import('./structure/structure-tab.tsx')).StructureTab,
}));

const PANELS: Record<EvidenceTab, ComponentType> = {
  size: SizeTab,
  frontier: FrontierTab,
  layers: LayersTab,
  structure: StructureTab,
  weights: WeightsTab,
  try: TryTab,
};

export function Evidence() {
  const tab = useView((state) => state.tab);
  useFirstTab();
  return (
    <Tabs.Root
      className={styles.root}
      value={tab}
      onValueChange={(value: EvidenceTab) => useView.setState({ tab: value })}
    >
      <Tabs.List className={styles.list} aria-label={en.evidence.title}>
        {EVIDENCE_TABS.map((name) => (
          <Tabs.Tab key={name} value={name} className={styles.tab}>
            {en.evidence[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {EVIDENCE_TABS.map((name) => (
        <Tabs.Panel key={name} value={name} className={styles.panel} tabIndex={-1}>
          <Panel name={name} />
        </Tabs.Panel>
      ))}
      {/* Below: what comes and goes with a run moves neither the tabs nor what is read under them. */}
      <TrainingStrip />
    </Tabs.Root>
  );
}

function Panel({ name }: { name: EvidenceTab }) {
  const Content = PANELS[name];
  return (
    <ErrorBoundary FallbackComponent={ScreenFailure}>
      <Suspense fallback={<div aria-busy />}>
        <Content />
      </Suspense>
    </ErrorBoundary>
  );
}
