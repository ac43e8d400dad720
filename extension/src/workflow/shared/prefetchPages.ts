/**
 * Pages of what is read in the order of its ids. The next page is on its way while somebody works on one.
 * @param read gives the page that begins after an id.
 * @param idsOf the ids of a page, ascending; the last page is the one with fewer than `size`.
 */
export async function* prefetchPages<Page>(
  read: (after: number) => Promise<Page>,
  idsOf: (page: Page) => Float64Array,
  size: number,
): AsyncGenerator<Page> {
  let coming: Promise<Page> | null = read(0);
  while (coming !== null) {
    const page: Page = await coming;
    const ids = idsOf(page);
    const last = ids.at(-1);
    coming = last === undefined || ids.length < size ? null : read(last);
    // It is waited for later, or by nobody where the reader stops.
    coming?.catch(() => {});
    yield page;
  }
}
