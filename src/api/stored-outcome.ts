import type { NodeField, PayloadValue } from './mutation-call.js';

/**
 * What is kept of a mutation's answer for those who repeat it: ids instead of objects, so that a repeat shows the object as
 * it is now, and no secret, which is told once.
 */
export interface StoredOutcome {
  readonly values: Readonly<Record<string, unknown>>;
  readonly ids: Readonly<Record<string, string | readonly string[] | null>>;
}

// The one field of a payload that nobody may read twice.
const TOLD_ONCE: ReadonlySet<string> = new Set(['secret']);

/** Makes what is kept of a payload; `fieldNames` are all fields of its type. */
export function storedOutcome(
  payload: PayloadValue,
  fieldNames: readonly string[],
  nodeFields: readonly NodeField[],
): StoredOutcome {
  const ids = Object.fromEntries(nodeFields.map((field) => [field.name, idsOf(payload[field.name], field)]));
  const values = fieldNames
    .filter((name) => !(name in ids) && !TOLD_ONCE.has(name))
    .map((name) => [name, payload[name] ?? null] as const);
  return { values: Object.fromEntries(values), ids };
}

/** The payload that was stored, with its objects as they are now; those that are gone are left out. */
export async function restoredOutcome(
  { values, ids }: StoredOutcome,
  nodeFields: readonly NodeField[],
): Promise<PayloadValue> {
  const objects = await Promise.all(
    nodeFields.map(async ({ name, isList, source }) => {
      const wanted = [ids[name] ?? []].flat();
      const found = new Map((await source.byIds(wanted)).map((item) => [source.idOf(item), item]));
      const inOrder = wanted.flatMap((id) => found.get(id) ?? []);
      return [name, isList ? inOrder : (inOrder[0] ?? null)] as const;
    }),
  );
  return { ...values, ...Object.fromEntries(objects) };
}

function idsOf(value: unknown, { isList, source }: NodeField): string | readonly string[] | null {
  if (isList) return ((value as readonly object[] | null | undefined) ?? []).map((item) => source.idOf(item));
  return value === null || value === undefined ? null : source.idOf(value);
}
