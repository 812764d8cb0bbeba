import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { Access } from '../../api/access.js';
import type { ApiContext } from '../../api/api-context.js';
import type { ResolverParts } from '../../api/api-services.js';
import { Cost } from '../../api/cost.js';
import { idOfType } from '../../api/global-id.js';
import { JsonScalar } from '../../api/scalars.js';
import { RefusedError, refusable, refuse, userError } from '../../api/user-error.js';
import { EntryInProcessError, InvalidEntryError, StaleRevisionError } from '../../job-queue/job-queue-errors.js';
import type { ConnectionSetup } from '../connection-setup.js';
import { ConnectionSetupType } from '../connection-setup-graphql.js';
import { ImportSetupInput, type ImportSetupPayload, ImportSetupPayloadType } from './setup-document-graphql.js';
import { InvalidSetupError, type SetupChange } from './setup-documents.js';
import type { SetupFault } from './setup-fault.js';
import { SetupMovedError } from './setup-moved-error.js';

/** The setup of a connection as a document, for the way to another one. */
@Resolver(() => ConnectionSetupType)
export class SetupDocumentResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => JsonScalar, {
    description:
      'Its mappings, field mappings, rules and job queue entries as one document for importSetup, without couplings, cursors, statuses and secrets. Equal setups give equal documents.',
  })
  @Access('ADMIN')
  @Cost(20)
  setupDocument(@Root() setup: ConnectionSetup): Promise<object> {
    return this.parts.setups.document(setup.id);
  }

  @Mutation(() => ImportSetupPayloadType, {
    description:
      'Makes mappings, rules and entries as in a setupDocument of another connection, e.g. from test to production; all or nothing, with dryRun only told. What the document lacks stays, unless deleteOthers. New entries are On Hold. Everything that is wrong is told at once, with its path in the document.',
  })
  @Access('ADMIN')
  importSetup(
    @Arg('input', () => ImportSetupInput, { description: 'The setup.' }) input: ImportSetupInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<ImportSetupPayload> {
    return refusable<{ changes: readonly SetupChange[] }>(input, { changes: [] }, async () => {
      const { connectionSetupId, document, deleteOthers, dryRun } = input;
      const id = idOfType('ConnectionSetup', connectionSetupId);
      const setup =
        (id === null ? null : await this.parts.connectionSetups.byId(id)) ??
        refuse('NOT_FOUND', `connectionSetupId: there is no connection with the id ${connectionSetupId}`, [
          'connectionSetupId',
        ]);
      const request = { setup, document, deleteOthers, dryRun, actor: viewer.name };
      return { changes: await refusingImport(() => this.parts.setups.import(request)) };
    });
  }
}

/** A document with everything wrong would be answered with as many errors as it has values. */
const MOST_ERRORS = 100;

async function refusingImport<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof InvalidSetupError) throw new RefusedError(error.faults.slice(0, MOST_ERRORS).map(asUserError));
    if (error instanceof SetupMovedError || error instanceof StaleRevisionError)
      refuse('STALE_REVISION', `document: ${error.message}`, ['document']);
    // It began to run after the import was checked.
    if (error instanceof InvalidEntryError || error instanceof EntryInProcessError)
      refuse('IN_USE', `document: ${error.message}`, ['document']);
    throw error;
  }
}

function asUserError({ code = 'INVALID', path, message }: SetupFault) {
  const field = path.length === 0 && code === 'IN_USE' ? ['deleteOthers'] : ['document', ...path];
  return userError(code, `${field.join('.')}: ${message}`, field);
}
