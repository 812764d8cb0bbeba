// A process that uses the embedded MongoDB of a folder: node embedded-client.mjs <options of openEmbeddedMongod as JSON>.
// Prints "open <uri>" when it may be used, "failed <reason>" when not, and ends when its input is closed.
import { once } from 'node:events';
import { openEmbeddedMongod } from '../../../dist/store/mongod/embedded-mongod.js';

const print = (line) => process.stdout.write(`${line}\n`);
try {
  const mongod = await openEmbeddedMongod({ ...JSON.parse(process.argv[2]), report: print });
  print(`open ${mongod.uri}`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await mongod.close();
  print('closed');
} catch (error) {
  print(`failed ${error.message.replaceAll('\n', ' / ')}`);
  process.exitCode = 1;
}
