import type { CommandStartedEvent, MongoClient } from 'mongodb';

export type Command = Pick<CommandStartedEvent, 'commandName' | 'command'>;

/** The MongoDB commands that `work` causes; what the streams of the process read meanwhile is left out. */
export async function commandsOf(client: MongoClient, work: () => Promise<unknown>): Promise<Command[]> {
  const commands: Command[] = [];
  const note = ({ commandName, command }: CommandStartedEvent): void => {
    if (!isOfStreams(commandName, command)) commands.push({ commandName, command });
  };
  client.on('commandStarted', note);
  try {
    await work();
  } finally {
    client.off('commandStarted', note);
  }
  return commands;
}

const housekeeping = new Set(['hello', 'getMore', 'endSessions', 'killCursors']);

const isOfStreams = (name: string, command: CommandStartedEvent['command']): boolean =>
  housekeeping.has(name) || (name === 'aggregate' && command.pipeline?.[0]?.$changeStream !== undefined);
