// Fetches mongod into the folder given as argument, and prints its path in the last line. A program of its own, see
// official-download. It imports nothing of ours, so that Node runs it as it is, compiled or not.
import { MongoBinary } from 'mongodb-memory-server-core/lib/util/MongoBinary.js';

try {
  const path = await MongoBinary.getPath({ downloadDir: process.argv[2] ?? '', checkMD5: true });
  process.stdout.write(`\n${path}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
