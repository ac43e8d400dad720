/** An iteration within an English sentence: iteration 0 trains nothing, it selects the first batch. */
export function iterationName(iterationNumber: number): string {
  return iterationNumber === 0 ? 'the first batch' : `iteration ${iterationNumber}`;
}
