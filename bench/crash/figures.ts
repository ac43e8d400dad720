/** What a scenario counts. All but `kills`, `rounds` and `acknowledged` must stay 0. */
export interface Figures {
  /** Processes that were killed. */
  kills: number;
  /** Rounds, those included in which the process ended before its kill. */
  rounds: number;
  /** Verdicts, exports, … whose call returned. */
  acknowledged: number;
  /** Acknowledged and then not there, or replaced by something older. */
  lost: number;
  /** Files of which a part is written, or that differ from what the journal says of them. */
  torn: number;
  /** Databases that fail `PRAGMA integrity_check` or `foreign_key_check`. */
  integrityBad: number;
}

/** What went wrong, for a person who reads it. */
export type Fault = (what: string) => void;

export const noFigures: Readonly<Figures> = { kills: 0, rounds: 0, acknowledged: 0, lost: 0, torn: 0, integrityBad: 0 };

export function sumOf(all: readonly Figures[]): Figures {
  const sum = { ...noFigures };
  for (const one of all) {
    for (const name of Object.keys(sum) as (keyof Figures)[]) sum[name] += one[name];
  }
  return sum;
}
