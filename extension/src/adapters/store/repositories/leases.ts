import type { Lease, LeaseStore } from '../../../workflow/ports/store/leases.ts';
import type { Connection } from '../database/connection.ts';
import { leaseSchema, toJson } from '../rows/jsonColumns.ts';
import { Row } from '../rows/row.ts';
import type { Synchronous } from '../synchronous.ts';

function isSame(one: Lease, other: Lease): boolean {
  return one.pid === other.pid && one.startTime === other.startTime && one.nonce === other.nonce;
}

/**
 * The repository of `leases`. The caller decides whether a holder is alive. Not even the holder can take a lease twice,
 * so that a command started twice in one window conflicts with itself.
 */
export function createLeases(connection: Connection): Synchronous<LeaseStore> {
  const holderOf = (name: string): Lease | null => {
    const value = connection.get('SELECT * FROM leases WHERE name = ?', name);
    return value === undefined ? null : new Row('leases', value, ['name']).json('lease', leaseSchema);
  };

  return {
    acquire: (name, lease, replace) =>
      connection.write(() => {
        const holder = holderOf(name);
        if (holder !== null && !(replace !== undefined && isSame(holder, replace))) {
          return { acquired: false, holder } as const;
        }
        connection.run(
          `INSERT INTO leases (name, lease, acquired_at) VALUES (?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET lease = excluded.lease, acquired_at = excluded.acquired_at`,
          name,
          toJson('lease', lease),
          connection.now(),
        );
        return { acquired: true } as const;
      }),
    release: (name, lease) =>
      connection.write(() => {
        const holder = holderOf(name);
        if (holder !== null && isSame(holder, lease)) connection.run('DELETE FROM leases WHERE name = ?', name);
      }),
    holder: holderOf,
  };
}
