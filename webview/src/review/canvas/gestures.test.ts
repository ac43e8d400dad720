import { beforeEach, describe, expect, it } from 'vitest';
import type { EditBox, ShownBox } from '../model/boxes.ts';
import type { Rect, Size } from '../model/geometry.ts';
import type { Viewport } from '../model/viewport.ts';
import { Gestures, type Surface } from './gestures.ts';

/** A canvas with canvas = image / 2 + (10, 20). */
class Page implements Surface {
  viewport: Viewport = { scale: 0.5, x: 10, y: 20 };
  size: Size = { width: 500, height: 400 };
  image: Size = { width: 900, height: 700 };
  shown: ShownBox[] = [];
  selected: EditBox | null = null;
  editable = true;
  drawing = false;
  peeking = false;
  hidden: EditBox | null = null;
  log: string[] = [];
  setViewport(viewport: Viewport): void {
    this.viewport = viewport;
    this.log.push('view');
  }
  select(key: number | null): void {
    this.selected = this.shown.find((one) => one.box.key === key)?.box ?? null;
    this.log.push(`select ${key}`);
  }
  hover(key: number | null): void {
    this.log.push(`hover ${key}`);
  }
  keep(box: EditBox): void {
    this.log.push(`keep ${box.key}`);
  }
  change(box: EditBox, rect: Rect): void {
    this.log.push(`change ${box.key} to ${rect.x1},${rect.y1},${rect.x2},${rect.y2}`);
  }
  draw(rect: Rect): void {
    this.log.push(`draw ${rect.x1},${rect.y1},${rect.x2},${rect.y2}`);
  }
  hiddenAt(): EditBox | null {
    return this.hidden;
  }
  redraw(): void {
    if (this.peeking) this.log.push('redraw');
  }
}

function shown(key: number, rect: Rect, status: ShownBox['status'] = 'kept'): ShownBox {
  return { box: { ...rect, key, classId: 0, prediction: null, confidence: null }, status, faint: false, others: 0 };
}

let page: Page;
let gestures: Gestures;

function drag(from: [number, number], to: [number, number], pans = false): void {
  gestures.press({ point: { x: from[0], y: from[1] }, pans });
  gestures.move({ x: (from[0] + to[0]) / 2, y: (from[1] + to[1]) / 2 });
  gestures.move({ x: to[0], y: to[1] });
  gestures.release({ x: to[0], y: to[1] });
}

function click(x: number, y: number): void {
  gestures.press({ point: { x, y }, pans: false });
  gestures.release({ x, y });
}

beforeEach(() => {
  page = new Page();
  page.shown = [
    shown(1, { x1: 100, y1: 100, x2: 300, y2: 300 }),
    shown(2, { x1: 150, y1: 150, x2: 200, y2: 200 }),
    shown(3, { x1: 500, y1: 100, x2: 600, y2: 200 }, 'offered'),
  ];
  gestures = new Gestures(page);
});

describe('the pointer', () => {
  it('selects the smallest box under it, and deselects on free space', () => {
    click(97, 107);
    click(150, 160);
    click(400, 390);
    expect(page.log).toEqual(['select 2', 'select 1', 'select null']);
  });

  it('keeps an offered box on a click', () => {
    click(290, 90);
    expect(page.log).toEqual(['keep 3']);
  });

  it('moves a box by its movement in pixels of the image', () => {
    drag([150, 160], [160, 150]);
    expect(page.log).toEqual(['select 1', 'change 1 to 120,80,320,280']);
  });

  it('does not move a box out of the image', () => {
    drag([150, 160], [-400, -400]);
    expect(page.log.at(-1)).toBe('change 1 to 0,0,200,200');
  });

  it('drags a corner of the selected box', () => {
    page.select(1);
    drag([160, 170], [210, 220]);
    expect(page.log.at(-1)).toBe('change 1 to 100,100,400,400');
  });

  const sizes = [
    [6, 6],
    [8, 12],
    [18, 24],
    [20, 22],
    [20, 28],
    [40, 40],
    [60, 60],
  ] as const;
  it.each([6, 7, 8].flatMap((gap) => sizes.map(([width, height]) => ({ gap, width, height }))))(
    'draws 500 boxes of $width × $height pixels side by side, $gap pixels apart, without a key between',
    ({ gap, width, height }) => {
      page.viewport = { scale: 1, x: 0, y: 0 };
      page.image = { width: 4000, height: 4000 };
      page.shown = [];
      let count = 0;
      page.draw = (rect) => {
        count += 1;
        page.shown.push(shown(count, rect));
        page.select(count);
      };
      for (let n = 0; n < 500; n++) {
        const x = 40 + (n % 25) * (width + gap);
        const y = 40 + Math.floor(n / 25) * (height + gap);
        drag([x, y], [x + width, y + height]);
      }
      expect(count).toBe(500);
      expect(page.log.filter((line) => line.startsWith('change'))).toEqual([]);
    },
  );

  it('still drags the handles of a small box', () => {
    page.viewport = { scale: 1, x: 0, y: 0 };
    page.shown = [shown(1, { x1: 100, y1: 100, x2: 120, y2: 122 })];
    page.select(1);
    drag([124, 125], [134, 135]);
    expect(page.log.at(-1)).toBe('change 1 to 100,100,134,135');
  });

  it('reaches the handles of a box that was just drawn from inside, and from beside it after a click', () => {
    page.viewport = { scale: 1, x: 0, y: 0 };
    page.shown = [];
    page.draw = (rect) => {
      page.shown = [shown(1, rect)];
      page.select(1);
    };
    drag([100, 100], [180, 180]);
    drag([186, 186], [200, 200]);
    expect(page.shown).toEqual([shown(1, { x1: 186, y1: 186, x2: 200, y2: 200 })]);
    drag([300, 300], [380, 380]);
    drag([378, 378], [390, 390]);
    expect(page.log.at(-1)).toBe('change 1 to 300,300,390,390');
    click(340, 340);
    drag([385, 385], [395, 395]);
    expect(page.log.at(-1)).toBe('change 1 to 300,300,395,395');
  });

  it('does not flatten a narrow box at the border', () => {
    page.viewport = { scale: 0.2, x: 0, y: 0 };
    page.shown = [];
    drag([1, 20], [4, 60]);
    expect(page.log.at(-1)).toBe('draw 5,100,20,300');
  });

  it('puts an edge that ends near the border of the image on the border', () => {
    drag([306, 310], [458, 368]);
    expect(page.log.at(-1)).toBe('draw 592,580,900,700');
    page.select(1);
    drag([60, 70], [12, 40]);
    expect(page.log.at(-1)).toBe('change 1 to 0,40,300,300');
  });

  it('draws on free space and over an offered box', () => {
    drag([310, 320], [360, 340]);
    drag([280, 80], [300, 110]);
    expect(page.log).toEqual(['draw 600,600,700,640', 'draw 540,120,580,180']);
  });

  it('draws over a kept box only in draw mode', () => {
    page.drawing = true;
    drag([90, 100], [110, 120]);
    expect(page.log).toEqual(['draw 160,160,200,200']);
  });

  it('draws a box around four outermost points', () => {
    page.drawing = true;
    click(110, 120);
    click(60, 160);
    click(110, 220);
    expect(page.log).toEqual([]);
    click(190, 160);
    expect(page.log).toEqual(['draw 100,200,360,400']);
  });

  it('finishes a box with two points on request, but not with one', () => {
    page.drawing = true;
    click(110, 120);
    expect(gestures.finishPoints()).toBe(false);
    click(160, 170);
    expect(gestures.finishPoints()).toBe(true);
    expect(page.log).toEqual(['draw 200,200,300,300']);
  });

  it('moves the view with the middle button, and edits nothing', () => {
    drag([150, 160], [170, 190], true);
    expect(page.viewport).toEqual({ scale: 0.5, x: 30, y: 50 });
    expect(page.log.every((entry) => entry === 'view')).toBe(true);
  });

  it('accepts a small movement as a click', () => {
    gestures.press({ point: { x: 150, y: 160 }, pans: false });
    gestures.move({ x: 152, y: 161 });
    gestures.release({ x: 152, y: 161 });
    expect(page.log).toEqual(['select 1']);
  });

  it('cancels a drag on Escape', () => {
    gestures.press({ point: { x: 150, y: 160 }, pans: false });
    gestures.move({ x: 200, y: 200 });
    expect(gestures.cancel()).toBe(true);
    gestures.release({ x: 200, y: 200 });
    expect(page.log).toEqual(['select 1']);
    expect(gestures.cancel()).toBe(false);
  });

  it('changes nothing if the sample is read-only', () => {
    page.editable = false;
    drag([150, 160], [200, 200]);
    drag([310, 320], [360, 340]);
    click(290, 90);
    expect(page.log.filter((entry) => /^(change|draw|keep)/.test(entry))).toEqual([]);
  });

  it('has a cursor for the action of a press', () => {
    expect(gestures.cursor({ x: 400, y: 390 })).toBe('crosshair');
    expect(gestures.cursor({ x: 150, y: 160 })).toBe('move');
    expect(gestures.cursor({ x: 290, y: 90 })).toBe('pointer');
    page.select(1);
    expect(gestures.cursor({ x: 160, y: 170 })).toBe('se-resize');
  });
});

describe('while the user asks for hidden predictions', () => {
  const hidden = shown(-3, { x1: 0, y1: 0, x2: 100, y2: 100 }).box;

  it('shows the one under the pointer, and a click keeps it', () => {
    page.hidden = hidden;
    gestures.move({ x: 30, y: 40 });
    expect(gestures.preview.candidate).toBeNull();
    page.peeking = true;
    gestures.move({ x: 31, y: 40 });
    expect(page.log).toContain('redraw');
    expect(gestures.preview.candidate).toBe(hidden);
    expect(gestures.cursor({ x: 31, y: 40 })).toBe('pointer');
    click(31, 40);
    expect(page.log).toContain('keep -3');
  });

  it('shows none once the pointer has left, or if no box may be edited, and then a click does what it always does', () => {
    page.peeking = true;
    page.hidden = hidden;
    gestures.move({ x: 30, y: 40 });
    gestures.leave();
    expect(gestures.preview.candidate).toBeNull();
    page.editable = false;
    gestures.move({ x: 30, y: 40 });
    expect(gestures.preview.candidate).toBeNull();
    click(30, 40);
    expect(page.log).not.toContain('keep -3');
  });

  it('still draws by dragging', () => {
    page.peeking = true;
    page.hidden = hidden;
    drag([60, 70], [110, 120]);
    expect(page.log.some((line) => line.startsWith('draw'))).toBe(true);
  });
});
