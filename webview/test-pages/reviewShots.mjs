/** Until the page waits for the user again. */
export const quiet = (page) =>
  page.waitForFunction(() => {
    const { busy, image, host } = window.panel.store.getState();
    return busy === null && (host?.current === null || image !== 'loading');
  });

const press =
  (...keys) =>
  async (page) => {
    for (const key of keys) {
      await page.keyboard.press(key);
      await quiet(page);
    }
  };

/** States of the review panel worth looking at. */
export const reviewShots = [
  { name: 'dark-wide' },
  { name: 'light-wide', theme: 'light' },
  { name: 'contrast-wide', theme: 'high-contrast' },
  { name: 'dark-medium', size: [700, 800] },
  { name: 'light-narrow', theme: 'light', size: [360, 700] },
  { name: 'dark-narrow', size: [360, 700] },
  { name: 'dark-selected', act: press('.', '.', '.') },
  { name: 'light-selected', theme: 'light', act: press('.', '.') },
  { name: 'contrast-selected', theme: 'high-contrast', act: press('.', '.') },
  { name: 'dark-zoomed', density: 2, act: press('.', 'f', 'h', 'h') },
  { name: 'dark-reject', act: press('a', 'r') },
  { name: 'narrow-reject', size: [360, 700], act: press('a', 'r') },
  { name: 'dark-class', act: press('.', 'c', 'n', 'u', 'x') },
  { name: 'dark-keys', act: press('?') },
  { name: 'narrow-keys', size: [360, 700], act: press('?') },
  {
    name: 'dark-draw',
    act: async (page) => {
      await page.keyboard.press('d');
      await page.mouse.move(300, 300);
      await page.mouse.down();
      await page.mouse.move(480, 420, { steps: 4 });
    },
  },
  { name: 'light-corrected', theme: 'light', act: press('.', 'Shift+ArrowRight', '3', '.', 'Delete') },
  {
    name: 'dark-slider-low',
    act: async (page) => {
      await page.locator('.ui-slider').fill('8');
    },
  },
  {
    name: 'dark-slider-high',
    act: async (page) => {
      await page.locator('.ui-slider').fill('70');
    },
  },
  { name: 'dark-background', act: press('a', 'a', 'a') },
  {
    name: 'dark-outside',
    act: async (page) => {
      await page.evaluate(() => {
        window.review.failNext = window.failure('edited-outside');
      });
      await press('.', '2', 'a')(page);
    },
  },
  {
    name: 'light-error',
    theme: 'light',
    act: async (page) => {
      await page.evaluate(() => {
        window.review.failNext = window.failure(
          'disk',
          'The label file could not be written: no space left on device.',
          'Free some space, and try again.',
        );
      });
      await press('a')(page);
    },
  },
  {
    name: 'dark-saving',
    query: 'delay=0',
    act: async (page) => {
      await page.evaluate(() => {
        window.review.before = () => new Promise((resolve) => setTimeout(resolve, 30000));
      });
      await page.keyboard.press('a');
      await page.waitForTimeout(500);
    },
  },
  { name: 'dark-readonly', query: 'readonly&judged' },
  { name: 'dark-empty', query: 'empty' },
  { name: 'light-done', theme: 'light', query: 'samples=4', act: press('a', 'x', 'b', 's') },
  { name: 'dark-done-again', query: 'samples=4', act: press('a', 'x', 'b', 's', 'ArrowLeft') },
  { name: 'narrow-done-again', size: [360, 700], query: 'samples=4', act: press('a', 'x', 'b', 's', 'ArrowLeft') },
  { name: 'dark-broken', query: 'broken=0' },
  {
    name: 'dark-2000',
    query: 'boxes=2000',
    act: async (page) => {
      await page.waitForTimeout(700);
    },
  },
  { name: 'dark-revisited', query: 'judged', act: press('a', '.', '1', 'a', 'ArrowLeft', 'ArrowLeft') },
  { name: 'contrast-narrow', theme: 'high-contrast', size: [360, 700], act: press('.') },
];
