// Keeps what the sandbox promises to the process that starts it, and nothing else: it introduces itself at /control, and
// ends when its parent is gone.
import { createServer } from 'node:http';

const introduction = { service: 'tandem-sandbox', dataDir: process.env.SANDBOX_DATA_DIR, pid: process.pid };
const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(introduction));
});
server.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.listen(Number(process.env.SANDBOX_PORT), '127.0.0.1');
if (process.env.SANDBOX_EXIT_WITH_PARENT === '1') process.once('disconnect', () => process.exit(0));
