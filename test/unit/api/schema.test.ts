import { readFile } from 'node:fs/promises';
import {
  buildSchema,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
} from 'graphql';
import { expect, test } from 'vitest';
import { buildApiSchema } from '../../../src/api/build-schema.js';
import { emittedSchema } from '../../../src/api/emit-schema.js';
import { roles } from '../../../src/api/role.js';

const schema = buildSchema(emittedSchema());
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
);

const accessOf = (item: {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined;
}): string | undefined =>
  item.astNode?.directives
    ?.find((directive) => directive.name.value === 'access')
    ?.arguments?.flatMap(({ value }) => (value.kind === Kind.ENUM ? [value.value] : []))[0];

test('the committed schema is the one of the code', async () => {
  expect(await readFile('schema/schema.graphql', 'utf8')).toBe(emittedSchema());
});

test('every mutation says which role it needs', () => {
  const without = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(
    (field) => !roles.includes(accessOf(field) as never),
  );
  expect(without.map(({ name }) => name)).toEqual([]);
  expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).toContain('setJobQueueEntryStatus');
});

test('every mutation takes one input with clientMutationId and answers a payload', () => {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    expect(field.args.map(({ name }) => name)).toEqual(['input']);
    const payload = schema.getType(String(field.type).replace('!', ''));
    expect(isObjectType(payload) && payload.getInterfaces().map(({ name }) => name)).toEqual(['MutationPayload']);
    const input = schema.getType(String(field.args[0]?.type).replace('!', ''));
    expect(isInputObjectType(input) && String(input.getFields().clientMutationId?.type)).toBe('String');
  }
});

test('every type, field, argument, enum value and input field is described', () => {
  const missing: string[] = [];
  const look = (name: string, { description }: { readonly description?: string | null | undefined }): void => {
    if (!description?.trim()) missing.push(name);
  };
  for (const type of types) {
    look(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields()) as (GraphQLField<unknown, unknown> | GraphQLInputField)[]) {
      look(`${type.name}.${field.name}`, field);
      for (const arg of 'args' in field ? field.args : []) look(`${type.name}.${field.name}(${arg.name})`, arg);
    }
  }
  expect(missing).toEqual([]);
});

test('a field that needs a role refuses a weaker one before its resolver is asked', () => {
  const container = { get: () => expect.fail('a resolver was asked') };
  const guarded = buildApiSchema(container);
  const resolve = guarded.getQueryType()?.getFields().previewConnectionSetup?.resolve as (
    ...args: unknown[]
  ) => unknown;
  const viewer = { name: 'a token', role: 'OPERATOR', expiresAt: null };
  expect(() => resolve({}, {}, { viewer }, {})).toThrow(
    'previewConnectionSetup needs the role ADMIN; the token "a token" has OPERATOR',
  );
});

const isOpen = (item: Parameters<typeof accessOf>[0]): boolean => ['MONITOR', undefined].includes(accessOf(item));
const contents = /^(title|recordId|(business|sales)(Id|Value|Url)|lastAgreedValue|before|after|candidates)$/;

/** What a monitor reaches from the roots, also by asking what an interface or a union really is, and what of it is contents. */
function openTo(walked: GraphQLSchema): {
  readonly reached: ReadonlySet<string>;
  readonly contents: readonly string[];
} {
  const reached = new Set<string>();
  const found: string[] = [];
  const walk = (type: unknown): void => {
    if (isAbstractType(type)) for (const possible of walked.getPossibleTypes(type)) enter(possible);
    if (!isObjectType(type) && !isInterfaceType(type)) return;
    if (reached.has(type.name)) return;
    reached.add(type.name);
    for (const field of Object.values(type.getFields())) {
      const given = getNamedType(field.type);
      if (!isOpen(field) || (isObjectType(given) && !isOpen(given))) continue;
      if (given.name === 'JSON' || contents.test(field.name)) found.push(`${type.name}.${field.name}`);
      walk(given);
    }
  };
  // A type that an interface may be is guarded by what its own fields and the resolver of the interface check.
  const enter = (possible: GraphQLObjectType): void => {
    if (isOpen(possible)) walk(possible);
  };
  walk(walked.getQueryType());
  walk(walked.getSubscriptionType());
  return { reached, contents: found };
}

test('nothing that a monitor may read holds the contents of a record', () => {
  const { reached, contents: found } = openTo(schema);
  expect(found).toEqual([]);
  expect(reached).toContain('SynchJob');
  expect(reached).not.toContain('Coupling');
});

test('a type of records that lost its role is found, also where only node(id:) leads to it', () => {
  const forgotten = emittedSchema().replaceAll(
    /^type (RecordChange|FieldChange) (implements \w+ )?@access\(role: VIEWER\)/gm,
    'type $1 $2',
  );
  expect(openTo(buildSchema(forgotten)).contents).toEqual(
    expect.arrayContaining(['RecordChange.title', 'RecordChange.businessId', 'FieldChange.before']),
  );
});
