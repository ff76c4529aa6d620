import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, type ComponentType } from 'react';
import { ErrorBoundary } from 'react-error-boundary';
import { Route, Switch, useLocation } from 'wouter';
import { loadGlanceScreen } from './flows/first-glance.ts';
import { cancelOpening } from './flows/open-model.ts';
import { useShortcuts } from './actions/use-shortcuts.ts';
import { followForecast } from './state/forecast-store.ts';
import { queries } from './state/trials.ts';
import { useModel } from './state/model-store.ts';
import { DropTarget } from './shell/drop-target.tsx';
import { Header } from './shell/header.tsx';
import { Notices } from './shell/notices.tsx';
import { Overlays } from './shell/overlays.tsx';
import { ScreenFailure } from './shell/screen-failure.tsx';
import { SkipLinks } from './shell/skip-links.tsx';
import { StatusBar } from './shell/status-bar.tsx';
import { useArrival } from './shell/use-arrival.ts';
import { useKeptFocus } from './shell/use-kept-focus.ts';
import { skip } from './strings/en-skip.ts';
import { SCREEN } from './shell/focus-on.ts';
import { StartScreen } from './screens/start/start-screen.tsx';
import styles from './app.module.css';

interface AppProps {
  /** Loads the method cards; the editor waits for them. */
  readonly loadMethods: () => Promise<void>;
}

type Screens = Record<'Studio' | 'Runs' | 'Learn', ComponentType>;

const GlanceScreen = lazy(async () => ({ default: (await loadGlanceScreen()).GlanceScreen }));

let screens: Screens | undefined;

/** The heavy screens, each its own chunk, made once. */
function lazyScreens(loadMethods: () => Promise<void>): Screens {
  return (screens ??= {
    Studio: lazy(async () => {
      const [module] = await Promise.all([
        import('./screens/studio/studio-screen.tsx'),
        loadMethods(),
      ]);
      return { default: module.StudioScreen };
    }),
    Runs: lazy(async () => {
      const [module] = await Promise.all([import('./screens/runs/runs-screen.tsx'), loadMethods()]);
      return { default: module.RunsScreen };
    }),
    Learn: lazy(async () => {
      const [module] = await Promise.all([
        import('./screens/learn/learn-screen.tsx'),
        loadMethods(),
      ]);
      return { default: module.LearnScreen };
    }),
  });
}

export function App({ loadMethods }: AppProps) {
  return (
    <QueryClientProvider client={queries}>
      <Frame screens={lazyScreens(loadMethods)} />
    </QueryClientProvider>
  );
}

const PAGE_LINKS = [{ label: skip.content, place: SCREEN }];

function Frame({ screens: { Studio, Runs, Learn } }: { screens: Screens }) {
  useShortcuts();
  useArrival();
  useEffect(followForecast, []);
  const open = useModel((state) => state.view !== undefined);
  const [path] = useLocation();
  useKeptFocus(path.startsWith('/studio') && open ? '/studio' : path.split('/')[1]);
  const opening = useModel((state) => state.opening);
  return (
    <DropTarget>
      <SkipLinks label={skip.page} links={PAGE_LINKS} />
      <div className={styles.frame}>
        <Header />
        <ErrorBoundary FallbackComponent={ScreenFailure}>
          <Suspense fallback={<main className={styles.waiting} aria-busy />}>
            <Switch>
              <Route path="/runs" component={Runs} />
              <Route path="/learn/:lesson?" component={Learn} />
              {opening?.glance && (
                <Route>
                  <GlanceScreen
                    opening={opening}
                    glance={opening.glance}
                    onCancel={cancelOpening}
                  />
                </Route>
              )}
              <Route path="/studio" component={open ? Studio : StartScreen} />
              <Route component={StartScreen} />
            </Switch>
          </Suspense>
        </ErrorBoundary>
        <StatusBar />
      </div>
      <Notices />
      <Overlays />
    </DropTarget>
  );
}
