import type { GridCellView } from '../../extension/src/protocol/grid.ts';
import { mountPage } from '../src/ui/mountPage.tsx';
import '../src/grid/grid.css';
import { GridApp } from '../src/grid/GridApp.tsx';
import { GridPanel } from '../src/grid/panel/gridPanel.ts';
import { MemoryGrid } from '../src/grid/testing/memoryGrid.ts';

const query = new URLSearchParams(location.search);
const pictures = Number(query.get('thumbnails') ?? '0');
const hues = [205, 28, 150, 268, 96];

/** A picture of a few parts, in few colours so that the screenshots are small. */
function drawn({ imageId, width, height, boxes }: GridCellView): string {
  const [w, h] = [width ?? 1, height ?? 1];
  const shapes = boxes.map(
    (box) =>
      `<ellipse cx="${(box.x + box.width / 2) * w}" cy="${(box.y + box.height / 2) * h}" rx="${(box.width * w) / 2.3}" ry="${(box.height * h) / 2.3}" fill="#d2c4a4"/>`,
  );
  const colour = `hsl(${hues[imageId % hues.length] ?? 0} 16% 42%)`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}"><rect width="100%" height="100%" fill="${colour}"/>${shapes.join('')}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const grid = new MemoryGrid(Number(query.get('images') ?? '500'), {
  thumbnail: (image) => (pictures === 0 ? drawn(image) : `thumbnail${image.imageId % pictures}.webp`),
});
const panel = new GridPanel(grid.host.context);
mountPage(<GridApp panel={panel} />);
Object.assign(window, {
  /** Whether all visible images were read and loaded. */
  isIdle: () => {
    const { listing, loading, cells } = panel.store.getState();
    const isLoaded = [...document.images].every(({ complete }) => complete);
    return listing !== null && !loading && isLoaded && (listing.total === 0 || cells.size > 0);
  },
});
