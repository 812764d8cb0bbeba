/** A request that the sandbox began or ended, as its event stream tells it. */
export interface RequestEvent {
  readonly event: 'begin' | 'end';
  readonly system: string;
  readonly method: string;
  readonly operations: readonly string[];
}

/** The sandbox's requests from now on, as they begin and end. */
export async function* requestEvents(sandboxUrl: string): AsyncGenerator<RequestEvent, void, undefined> {
  const response = await fetch(`${sandboxUrl}/control/events`);
  if (response.body === null) throw new Error('the event stream has no body');
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as RequestEvent;
  }
}

/** True for the beginning of a request that writes records of one of these entity sets, alone or inside a batch. */
export const beginsWrite = ({ event, operations }: RequestEvent, entitySets: readonly string[]): boolean =>
  event === 'begin' &&
  operations.some((operation) =>
    entitySets.some((entitySet) => /^(POST|PATCH|DELETE) /.test(operation) && operation.endsWith(` ${entitySet}`)),
  );
