import type { Role } from '../api/role.js';
import type { UserErrorCode } from '../api/user-error.js';

/** One mutation that someone made, refused ones included. */
export interface AuditEntry {
  readonly _id: string;
  readonly at: Date;
  readonly actor: string;
  readonly role: Role;
  readonly mutation: string;
  /** Global id of what it was about; null where it made nothing. */
  readonly targetId: string | null;
  readonly summary: string;
  /** The input without secrets, as JSON: names in it may be ones that a database would read as operators. */
  readonly input: string | null;
  readonly refusedWith: readonly UserErrorCode[];
}

/** Which entries are wanted; absent limits nothing, an empty list matches nothing. `since` is inclusive, `until` exclusive. */
export interface AuditFilter {
  readonly actor?: readonly string[] | undefined;
  readonly mutation?: readonly string[] | undefined;
  readonly targetId?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}
