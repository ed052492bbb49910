import { type StateFile, z } from '../../sdk/index.ts';
import { type Role, roles } from './contract.ts';
import { savedLease, type SavedLease } from './leases.ts';

export const savedLeases = z.partialRecord(z.enum(roles), z.array(savedLease).max(4096));
export type SavedLeases = Partial<Record<Role, SavedLease[]>>;

/** The lease tables that a file holds, of some kilobytes; empty when there is none or it does not parse. */
export function leasesIn(file: StateFile): SavedLeases {
  try {
    return savedLeases.safeParse(JSON.parse(file.read() ?? '{}')).data ?? {};
  } catch {
    return {};
  }
}
