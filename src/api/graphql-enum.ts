import { registerEnumType } from 'type-graphql';

/** An enum of the schema: each of its names stands for itself. */
export type GraphqlEnum<T extends string> = { readonly [Name in T]: Name };

/**
 * Makes an enum of the schema from a union of names. Each name needs a description, so a name that is added to the union
 * does not compile until it is described.
 */
export function graphqlEnum<T extends string>(
  name: string,
  description: string,
  descriptions: Readonly<Record<T, string>>,
): GraphqlEnum<T> {
  const names = Object.keys(descriptions) as T[];
  const members = Object.fromEntries(names.map((value) => [value, value])) as GraphqlEnum<T>;
  registerEnumType(members, {
    name,
    description,
    valuesConfig: Object.fromEntries(names.map((value) => [value, { description: descriptions[value] }])) as Record<
      T,
      { description: string }
    >,
  });
  return members;
}
