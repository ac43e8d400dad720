import { mountPage } from '../src/ui/mountPage.tsx';
import '../src/grid/grid.css';
import { GridApp } from '../src/grid/GridApp.tsx';
import { GridPanel } from '../src/grid/panel/gridPanel.ts';
import { MemoryGrid } from '../src/grid/testing/memoryGrid.ts';

const query = new URLSearchParams(location.search);
const grid = new MemoryGrid(Number(query.get('images') ?? '100000'), { ready: true });
const panel = new GridPanel(grid.host.context);
mountPage(<GridApp panel={panel} />);
Object.assign(window, {
  /** Whether all visible images were read. */
  isIdle: () => {
    const { listing, loading, cells } = panel.store.getState();
    return listing !== null && !loading && (listing.total === 0 || cells.size > 0);
  },
});
