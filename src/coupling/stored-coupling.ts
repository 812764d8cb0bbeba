import type { FieldValues } from '../mapping/field-value.js';
import type { Coupling, FieldBase, WriteIntent } from './coupling.js';

/** What of a coupling holds values of records. */
interface Valued {
  readonly bases?: Coupling['bases'];
  readonly intents?: Coupling['intents'];
}

/** The same as it is stored: its bases are one text, and so are the values of each of its intents. */
export type Stored<T extends Valued> = Omit<T, 'bases' | 'intents'> & {
  readonly bases?: string | Coupling['bases'];
  readonly intents?: readonly StoredIntent[];
};

type StoredIntent = WriteIntent | (Omit<WriteIntent, 'values' | 'before' | 'sources'> & { readonly sent: string });

type BaseMembers = readonly [
  field: string,
  integrationField: string,
  business: FieldBase['business'],
  sales: FieldBase['sales'],
  meaning: string,
  cleared?: FieldBase['cleared'],
];

type SentMembers = readonly [values: FieldValues, before: FieldValues, sources: FieldValues];

/**
 * Nobody asks the database for single values of records. As documents, with the names of their members in each, they would be the
 * larger part of what a run writes; as one text they take half of the room, and a third of the time of this process.
 */
export const asStored = <T extends Valued>({ bases, intents, ...coupling }: T): Stored<T> => ({
  ...coupling,
  ...(bases === undefined ? {} : { bases: JSON.stringify(bases.map(membersOf)) }),
  ...(intents === undefined ? {} : { intents: intents.map(storedIntent) }),
});

/** The coupling as it was. One that was stored with its values as documents has them already. */
export const fromStored = <T extends Valued>({ bases, intents, ...stored }: Stored<T>): T =>
  ({
    ...stored,
    ...(bases === undefined ? {} : { bases: typeof bases === 'string' ? basesIn(bases) : bases }),
    ...(intents === undefined ? {} : { intents: intents.map(intentFrom) }),
  }) as unknown as T;

const membersOf = ({ field, integrationField, business, sales, meaning, cleared }: FieldBase): BaseMembers =>
  cleared === undefined
    ? [field, integrationField, business, sales, meaning]
    : [field, integrationField, business, sales, meaning, cleared];

const basesIn = (text: string): FieldBase[] =>
  (JSON.parse(text) as readonly BaseMembers[]).map(
    ([field, integrationField, business, sales, meaning, cleared]): FieldBase => ({
      field,
      integrationField,
      business,
      sales,
      meaning,
      ...(cleared === undefined ? {} : { cleared }),
    }),
  );

function storedIntent({ values, before, sources, ...intent }: WriteIntent): StoredIntent {
  const sent: SentMembers = [values, before, sources];
  return { ...intent, sent: JSON.stringify(sent) };
}

function intentFrom(stored: StoredIntent): WriteIntent {
  if (!('sent' in stored)) return stored;
  const { sent, ...intent } = stored;
  const [values, before, sources] = JSON.parse(sent) as SentMembers;
  return { ...intent, values, before, sources };
}
