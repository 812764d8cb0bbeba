import {
  DirectiveLocation,
  defaultFieldResolver,
  GraphQLDirective,
  GraphQLEnumType,
  type GraphQLField,
  GraphQLNonNull,
  type GraphQLObjectType,
  GraphQLSchema,
  getDirectiveValues,
  getNamedType,
  isEnumType,
  isObjectType,
} from 'graphql';
import { Directive } from 'type-graphql';
import type { ApiContext } from './api-context.js';
import { ApiError } from './api-errors.js';
import { includesRole, type Role, strongerRole } from './role.js';

const WEAKEST: Role = 'MONITOR';

/**
 * Says the least role that may use a field, or any field that gives a type. It is written into the schema as `@access`, and
 * what is written there is what is checked: see {@link enforceAccess}.
 */
export const Access = (role: Role): ReturnType<typeof Directive> => Directive(`@access(role: ${role})`);

/** Declares `@access` in the schema and makes every field check the role that the schema tells of it. */
export function enforceAccess(schema: GraphQLSchema): GraphQLSchema {
  const directive = accessDirective(schema.getType('Role'));
  const guarded = new GraphQLSchema({ ...schema.toConfig(), directives: [...schema.getDirectives(), directive] });
  for (const type of Object.values(guarded.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) guard(field, directive);
  }
  return guarded;
}

/** The least role that may see objects of a type; MONITOR when the schema limits it to none. */
export function roleToSee(schema: GraphQLSchema, typeName: string): Role {
  const type = schema.getType(typeName);
  const directive = schema.getDirective('access');
  return isObjectType(type) && directive ? roleOf(type, directive) : WEAKEST;
}

/** The least role that may use a field; MONITOR when the schema limits it to none. */
export function roleToUse(schema: GraphQLSchema, field: GraphQLField<unknown, ApiContext>): Role {
  const directive = schema.getDirective('access');
  return directive ? neededRole(field, directive) : WEAKEST;
}

/** Throws FORBIDDEN when the viewer's role does not include the needed one. */
export function demandRole({ viewer }: ApiContext, needed: Role, what: string): void {
  if (!includesRole(viewer.role, needed)) {
    throw new ApiError('FORBIDDEN', `${what} needs the role ${needed}; the token "${viewer.name}" has ${viewer.role}`);
  }
}

function accessDirective(roleType: unknown): GraphQLDirective {
  if (!isEnumType(roleType)) throw new TypeError('the schema has no enum Role, which @access refers to');
  return new GraphQLDirective({
    name: 'access',
    description:
      'Least role that may use a field, or any field that gives this type; FORBIDDEN below it. Without it any valid token may.',
    locations: [DirectiveLocation.FIELD_DEFINITION, DirectiveLocation.OBJECT],
    args: {
      role: {
        type: new GraphQLNonNull(roleType satisfies GraphQLEnumType),
        description: 'The least role that is allowed.',
      },
    },
  });
}

function guard(field: GraphQLField<unknown, ApiContext>, directive: GraphQLDirective): void {
  const needed = neededRole(field, directive);
  if (needed === WEAKEST) return;
  const { resolve = defaultFieldResolver, subscribe } = field;
  field.resolve = (source, args, context, info) => {
    demandRole(context, needed, field.name);
    return resolve(source, args, context, info);
  };
  if (subscribe === undefined) return;
  field.subscribe = (source, args, context, info) => {
    demandRole(context, needed, field.name);
    return subscribe(source, args, context, info);
  };
}

function neededRole(field: GraphQLField<unknown, ApiContext>, directive: GraphQLDirective): Role {
  const given = getNamedType(field.type);
  return strongerRole(roleOf(field, directive), isObjectType(given) ? roleOf(given, directive) : WEAKEST);
}

function roleOf(item: GraphQLField<unknown, ApiContext> | GraphQLObjectType, directive: GraphQLDirective): Role {
  const values = item.astNode && getDirectiveValues(directive, item.astNode);
  return (values?.role as Role | undefined) ?? WEAKEST;
}
