import type { UserErrorCode } from '../../api/user-error.js';

/** What keeps a setup from being imported. */
export interface SetupFault {
  /** INVALID when absent. */
  readonly code?: UserErrorCode;
  /** Below the document. */
  readonly path: readonly string[];
  readonly message: string;
}
