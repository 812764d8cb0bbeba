export const roles = ['MONITOR', 'VIEWER', 'OPERATOR', 'ADMIN'] as const;
/** Each role may do what the ones before it may. */
export type Role = (typeof roles)[number];

/** Who asks. */
export interface Viewer {
  /** Tells tokens and users apart, also after a change of name; never shown. */
  readonly id: string;
  /** The token's name: what histories and logs show as the one who did it. */
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: Date | null;
}

/** True when someone with the role `held` may use what needs the role `needed`. */
export const includesRole = (held: Role, needed: Role): boolean => roles.indexOf(held) >= roles.indexOf(needed);

/** The stronger one of two roles. */
export const strongerRole = (a: Role, b: Role): Role => (includesRole(a, b) ? a : b);
