import type { EndpointDrafts } from './connection-services.js';
import type {
  CreateConnectionSetupInput,
  SystemEndpointInput,
  TestConnectionInput,
  UpdateConnectionSetupInput,
} from './connection-setup-inputs-graphql.js';
import type { ConnectionSetupDraft, ConnectionSetupFault } from './create-connection-setup.js';
import type { EndpointDraft } from './endpoint-rules.js';
import type { ConnectionSetupEdit } from './update-connection-setup.js';

/** What an input asks for, and what of it cannot be meant. */
export interface ReadInput<T> {
  readonly asked: T;
  readonly faults: readonly ConnectionSetupFault[];
}

/** An end point as it was entered: blank texts are none, so that two ways to say nothing do not differ. */
export const readEndpoint = (input: SystemEndpointInput): EndpointDraft => ({
  kind: input.kind,
  baseUrl: input.baseUrl.trim(),
  webUrl: textOrNull(input.webUrl),
  company: textOrNull(input.company),
  authentication: input.authentication,
  userName: textOrNull(input.userName),
  tenantId: textOrNull(input.tenantId),
  clientId: textOrNull(input.clientId),
  // Blanks may belong to a secret; an empty one is told as missing.
  secret: input.secret ?? null,
});

export const readNewConnection = ({ name, business, sales }: CreateConnectionSetupInput): ConnectionSetupDraft => ({
  name,
  business: readEndpoint(business),
  sales: readEndpoint(sales),
});

/** Absent parts stay, and null is a fault, since nothing of a connection may be empty. */
export function readConnectionEdit(input: UpdateConnectionSetupInput): ReadInput<ConnectionSetupEdit> {
  const { name, business, sales, expectedRevision } = input;
  const faults = Object.entries({ name, business, sales })
    .filter(([, value]) => value === null)
    .map(([part]) => ({ path: [part], message: 'expected a value, got null; leave it out to keep what is there' }));
  return {
    asked: { name: name ?? undefined, ...readDrafts(input), expectedRevision: expectedRevision ?? undefined },
    faults,
  };
}

/** The end points to try; those of a side that is not tested are a fault, since nobody would learn anything of them. */
export function readTrial({ side, business, sales }: TestConnectionInput): ReadInput<EndpointDrafts> {
  const faults: ConnectionSetupFault[] = [];
  if (business && side === 'SALES')
    faults.push({ path: ['business'], message: 'expected nothing, since only the side SALES is tested' });
  if (sales && side === 'BUSINESS')
    faults.push({ path: ['sales'], message: 'expected nothing, since only the side BUSINESS is tested' });
  return { asked: readDrafts({ business, sales }), faults };
}

const readDrafts = ({
  business,
  sales,
}: {
  readonly business?: SystemEndpointInput | null | undefined;
  readonly sales?: SystemEndpointInput | null | undefined;
}): EndpointDrafts => ({
  business: business ? readEndpoint(business) : undefined,
  sales: sales ? readEndpoint(sales) : undefined,
});

const textOrNull = (text: string | null | undefined): string | null => {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
};
