/** Thrown by a fault to end the connection without an answer. */
export class ConnectionCutError extends Error {
  override readonly name = 'ConnectionCutError';
}
