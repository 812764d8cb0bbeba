// A process that sends requests through the shared gate of a system, as a worker would.
// Arguments: address of MongoDB, database, name of the gate, permits of the system. It answers each line on its input:
// `enter N` takes N permits and prints `entered` for each; `pause MS` tells a pause and prints `paused`.
import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';
import pino from 'pino';
import { SharedGates } from '../../../dist/request-budget/shared-gates.js';
import { SystemUseStore } from '../../../dist/request-budget/system-use-store.js';

const [, , uri, database, name, permits] = process.argv;
const client = new MongoClient(uri);
const gates = new SharedGates({ store: new SystemUseStore(client.db(database)), logger: pino({ level: 'silent' }) });
const gate = gates.gateOf(name, {
  initial: Number(permits),
  maximum: Number(permits),
  window: { requests: 6000, seconds: 300 },
});
const say = (line) => process.stdout.write(`${line}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  const [command, argument] = line.split(' ');
  if (command === 'enter') {
    for (let count = 0; count < Number(argument); count += 1) {
      void gate.enter(new AbortController().signal).then(() => say('entered'));
    }
  } else {
    gate.pause(Number(argument));
    say('paused');
  }
}
await gates.close();
await client.close();
