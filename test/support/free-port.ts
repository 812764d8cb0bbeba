import { createServer } from 'node:net';

/** A TCP port of the loopback interface on which nothing listened a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the system gave no port');
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return address.port;
}
