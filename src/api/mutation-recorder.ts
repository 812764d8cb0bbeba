import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AuditOutcome, AuditStore } from '../audit/audit-store.js';
import { textWithoutSecrets } from '../observability/without-secrets.js';
import { ApiError } from './api-errors.js';
import { globalId, parseGlobalId } from './global-id.js';
import {
  type MutationCall,
  type MutationRecorder,
  type NodeField,
  nodeFieldsOf,
  type PayloadValue,
  userErrorsOf,
} from './mutation-call.js';
import { inputHash, inputWithoutSecrets, labelOf, summaryOf, targetOfInput } from './mutation-input.js';
import type { KeyUse, MutationKeyStore, TakenKey } from './mutation-key-store.js';
import type { NodeSources } from './node.js';
import { restoredOutcome, type StoredOutcome, storedOutcome } from './stored-outcome.js';
import { RefusedError, refuse, type UserError } from './user-error.js';

export interface MutationRecorderParts {
  readonly keys: MutationKeyStore;
  readonly audit: AuditStore;
  readonly sources: NodeSources;
  /** The database's time. */
  readonly now: () => Promise<Date>;
  /** What inputs are compared with; a secret of the service. */
  readonly hashKey: Buffer;
  readonly logger: Logger;
}

// How often is asked whether the same call, made somewhere else at the same moment, has its outcome.
const LOOK_MS = 50;
const LONGEST_KEY = 200;

export function mutationRecorder(parts: MutationRecorderParts): MutationRecorder {
  const { keys, sources } = parts;

  async function performOnce(call: MutationCall, clientMutationId: string): Promise<PayloadValue> {
    const use = keyUse(call, clientMutationId, parts.hashKey);
    const nodeFields = nodeFieldsOf(call.payloadType, sources);
    for (;;) {
      const first = await keys.take(use);
      if (!('state' in first)) return settling(call, first, nodeFields, parts);
      if (first.inputHash !== use.inputHash) return audited(refusingReuse(call), parts);
      if (first.state === 'SETTLED') {
        return { ...(await restoredOutcome(first.outcome as StoredOutcome, nodeFields)), clientMutationId };
      }
      if (!first.alive) throw unknownOutcome(clientMutationId);
      await delay(LOOK_MS);
    }
  }

  return {
    perform: (call) => {
      const { clientMutationId } = call.input;
      // No key is taken by somebody who may not use it.
      if (!call.isAllowed || typeof clientMutationId !== 'string') return audited(call, parts);
      if (clientMutationId.length === 0 || clientMutationId.length > LONGEST_KEY) {
        return audited(refusing(call, 'INVALID', `expected 1 to ${LONGEST_KEY} characters`), parts);
      }
      return performOnce(call, clientMutationId);
    },
  };
}

// The outcome is kept before it is told. A mutation that threw has none: a repeat tries again.
async function settling(
  call: MutationCall,
  key: TakenKey,
  nodeFields: readonly NodeField[],
  parts: MutationRecorderParts,
): Promise<PayloadValue> {
  let payload: PayloadValue;
  try {
    payload = await audited(call, parts);
  } catch (error) {
    await key.release();
    throw error;
  }
  await key.settle(storedOutcome(payload, Object.keys(call.payloadType.getFields()), nodeFields));
  return payload;
}

async function audited(call: MutationCall, parts: MutationRecorderParts): Promise<PayloadValue> {
  const { audit, now } = parts;
  const { mutation, input, viewer } = call;
  const target = targetOfInput(input);
  const label = labelOf(await objectOf(target, parts.sources)) ?? labelOf(input);
  const summary = summaryOf(mutation, input, label);
  const id = randomUUID();
  await audit.begin({
    _id: id,
    at: await now(),
    actor: viewer.name,
    role: viewer.role,
    mutation,
    targetId: target,
    summary: `${summary}: begun, its end is not known`,
    input: inputWithoutSecrets(input),
    refusedWith: [],
  });
  try {
    const payload = withoutSecretsOfInput(await payloadOf(call));
    await complete(id, outcomeOf(payload, { call, target, summary }, parts.sources), parts);
    return payload;
  } catch (error) {
    const end =
      error instanceof ApiError ? `refused, ${textWithoutSecrets(error.message)}`.slice(0, 500) : 'failed unexpectedly';
    await complete(id, { targetId: target, summary: `${summary}: ${end}`, refusedWith: [] }, parts);
    throw error;
  }
}

async function payloadOf(call: MutationCall): Promise<PayloadValue> {
  try {
    return await call.run();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return refusedPayload(call, error.userErrors);
  }
}

// A refusal may quote what came.
const withoutSecretsOfInput = (payload: PayloadValue): PayloadValue => {
  const errors = userErrorsOf(payload);
  if (errors.length === 0) return payload;
  return { ...payload, userErrors: errors.map((error) => ({ ...error, message: textWithoutSecrets(error.message) })) };
};

// What was done is done: that it could not be noted must not look to the caller as if it was not.
async function complete(id: string, outcome: AuditOutcome, { audit, logger }: MutationRecorderParts): Promise<void> {
  await audit.complete(id, outcome).catch((error: unknown) => {
    logger.error({ err: error, auditEntryId: id }, 'the outcome of a mutation could not be noted in the audit log');
  });
}

function outcomeOf(
  payload: PayloadValue,
  { call, target, summary }: { call: MutationCall; target: string | null; summary: string },
  sources: NodeSources,
): AuditOutcome {
  const errors = userErrorsOf(payload);
  const made = nodeFieldsOf(call.payloadType, sources).find(({ name, isList }) => !isList && payload[name]);
  const madeId = made && globalId(made.type, made.source.idOf(payload[made.name] as object));
  return {
    targetId: (typeof call.input.id === 'string' ? target : madeId) ?? target,
    summary: errors.length === 0 ? summary : `${summary}: refused, ${errors[0]?.message ?? ''}`.slice(0, 500),
    refusedWith: [...new Set(errors.map(({ code }) => code))],
  };
}

async function objectOf(target: string | null, sources: NodeSources): Promise<object | null> {
  const found = target === null ? null : parseGlobalId(target);
  if (found === null) return null;
  return (await sources.get(found.type)?.byIds([found.id]))?.[0] ?? null;
}

function keyUse({ viewer, mutation, input }: MutationCall, clientMutationId: string, hashKey: Buffer): KeyUse {
  return { id: JSON.stringify([viewer.id, mutation, clientMutationId]), inputHash: inputHash(input, hashKey) };
}

const refusingReuse = (call: MutationCall): MutationCall =>
  refusing(
    call,
    'KEY_REUSED',
    'it came with another input within the last 24 hours; take a new one for each thing to do',
  );

const refusing = (call: MutationCall, code: 'KEY_REUSED' | 'INVALID', reason: string): MutationCall => ({
  ...call,
  run: async () => refuse(code, `clientMutationId: ${reason}`, ['clientMutationId']),
});

const refusedPayload = (call: MutationCall, userErrors: readonly UserError[]): PayloadValue => ({
  ...emptyLists(call),
  userErrors,
  clientMutationId: call.input.clientMutationId,
});

// Lists and counts of a payload are never null, also when nothing was done.
const emptyLists = ({ payloadType }: MutationCall): PayloadValue =>
  Object.fromEntries(
    Object.values(payloadType.getFields()).map(({ name, type }) => {
      const text = String(type);
      return [name, text.startsWith('[') ? [] : text === 'Int!' ? 0 : null];
    }),
  );

const unknownOutcome = (clientMutationId: string): ApiError =>
  new ApiError(
    'OUTCOME_UNKNOWN',
    `the process that took the call with clientMutationId "${clientMutationId.slice(0, 40)}" ended before its outcome was known; look whether it was done, and repeat with another clientMutationId if not`,
  );
