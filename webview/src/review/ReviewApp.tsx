import { type ReactNode, useEffect } from 'react';
import { LiveRegion } from '../ui/indicators.tsx';
import { Bars } from './components/Bars.tsx';
import { BoxCanvas } from './components/BoxCanvas.tsx';
import { BlindNote } from './components/BlindNote.tsx';
import { BoxList } from './components/BoxList.tsx';
import { ClassPicker } from './components/ClassPicker.tsx';
import { ClassScores } from './components/ClassScores.tsx';
import { ConfidentImages } from './components/ConfidentImages.tsx';
import { Difference } from './components/Difference.tsx';
import { Header } from './components/Header.tsx';
import { KeyHelp } from './components/KeyHelp.tsx';
import { LabelHistory } from './components/LabelHistory.tsx';
import { QueueStrip } from './components/QueueStrip.tsx';
import { Done, Empty, Starting } from './components/Screens.tsx';
import { VerdictBar } from './components/VerdictBar.tsx';
import { WhyThisImage } from './components/WhyThisImage.tsx';
import { useKeys } from './hooks/useKeys.ts';
import { PanelContext, usePanelState } from './hooks/usePanel.ts';
import { isDone } from './model/state.ts';
import type { ReviewPanel } from './panel/reviewPanel.ts';

/** The review panel. It asks the host for its state when it appears. */
export function ReviewApp({ panel }: { panel: ReviewPanel }): ReactNode {
  useKeys(panel);
  useEffect(() => {
    void panel.start();
  }, [panel]);
  return (
    <PanelContext value={panel}>
      <div className="review">
        <Header />
        <Body />
        <Bars />
        <footer className="review-footer">
          <VerdictBar />
          <QueueStrip />
        </footer>
        <KeyHelp />
        <ConfidentImages />
        <Announcer />
      </div>
    </PanelContext>
  );
}

function Body(): ReactNode {
  const screen = usePanelState((state) => {
    if (state.host === null) return 'starting';
    if (isDone(state)) return 'done';
    return state.host.current === null ? 'empty' : 'sample';
  });
  const failed = usePanelState((state) => state.problem !== null && state.host === null);
  switch (screen) {
    case 'starting':
      return failed ? <div className="screen" /> : <Starting />;
    case 'done':
      return <Done />;
    case 'empty':
      return <Empty />;
    case 'sample':
      return (
        <main className="review-body">
          <div className="review-main">
            <BoxCanvas />
            <ClassPicker />
          </div>
          <aside className="review-side">
            <BlindNote />
            <Difference />
            <BoxList />
            <ClassScores />
            <WhyThisImage />
            <LabelHistory />
          </aside>
        </main>
      );
  }
}

function Announcer(): ReactNode {
  return <LiveRegion {...usePanelState((state) => state.announcement)} />;
}
