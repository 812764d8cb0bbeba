import { randomUUID } from 'node:crypto';
import { Arg, Args, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { DeleteInput } from '../api/delete-input-graphql.js';
import { type DeletePayload, DeletePayloadType } from '../api/delete-payload-graphql.js';
import { globalId, idOfType } from '../api/global-id.js';
import { RefusedError, refusable, refuse, userError } from '../api/user-error.js';
import { ruleFaults } from './transformation/check-rule.js';
import {
  isReversible,
  type TransformationRule,
  type TransformationRules,
} from './transformation/transformation-rule.js';
import {
  CreateTransformationRuleInput,
  TransformationRuleConnection,
  type TransformationRulePayload,
  TransformationRulePayloadType,
  TransformationRuleType,
  UpdateTransformationRuleInput,
} from './transformation-rule-graphql.js';
import { fieldsUsing, newRule, ruleChange, rulesChaining } from './transformation-rule-use.js';

/** Transformation rules: look-ups and saving. */
@Resolver(() => TransformationRuleType)
export class TransformationRuleResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => TransformationRuleConnection, { description: 'All transformation rules, by code.' })
  transformationRules(@Args(() => ConnectionArgs) args: ConnectionArgs): Promise<Connection<TransformationRule>> {
    const { transformationRules } = this.parts;
    return connectionOf(args, {
      page: (request) => transformationRules.page(request),
      count: () => transformationRules.count(),
    });
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() rule: TransformationRule): string {
    return globalId('TransformationRule', rule.id);
  }

  @Mutation(() => TransformationRulePayloadType, {
    description: 'Makes a rule. A code that another one has is DUPLICATE.',
  })
  @Access('ADMIN')
  createTransformationRule(
    @Arg('input', () => CreateTransformationRuleInput, { description: 'The rule.' })
    input: CreateTransformationRuleInput,
  ): Promise<TransformationRulePayload> {
    return saving(input, async () => {
      const { transformationRules } = this.parts;
      const rule = newRule(input, randomUUID());
      refuseFaults(rule, await transformationRules.all());
      if (!(await transformationRules.insert(rule)))
        refuse('DUPLICATE', `code: there is a transformation rule ${rule.code}; choose another code`, ['code']);
      return rule;
    });
  }

  @Mutation(() => TransformationRulePayloadType, {
    description:
      'Changes a rule. The next run of each mapping that uses it evaluates all its pairs anew. INVALID where a bidirectional field uses it and it could no longer be applied both ways.',
  })
  @Access('ADMIN')
  updateTransformationRule(
    @Arg('input', () => UpdateTransformationRuleInput, { description: 'What to change.' })
    input: UpdateTransformationRuleInput,
  ): Promise<TransformationRulePayload> {
    return saving(input, async () => {
      const { transformationRules, mappings } = this.parts;
      const rule = await this.#find(input.id);
      checkRevision(rule, input.expectedRevision ?? null);
      const change = ruleChange(input);
      const changed = { ...rule, ...change };
      const all = await transformationRules.all();
      refuseFaults(changed, all);
      const rules = new Map([...all, [rule.code, changed]]);
      const user = fieldsUsing(rule.code, await mappings.list({}), rules).find(
        ({ field }) =>
          field.direction === 'BIDIRECTIONAL' && !field.transformations.every((code) => isReversible(code, rules)),
      );
      if (user !== undefined)
        refuse(
          'INVALID',
          `kind: the bidirectional field ${user.name} of ${user.mappingName} uses the rule: it has to be one that can be applied both ways`,
          ['kind'],
        );
      return (
        (await transformationRules.update(rule.id, rule.revision, change)) ??
        refuseChanged(rule, input.expectedRevision)
      );
    });
  }

  @Mutation(() => DeletePayloadType, {
    description: 'Deletes a rule. IN_USE while a field mapping or another rule uses it.',
  })
  @Access('ADMIN')
  deleteTransformationRule(
    @Arg('input', () => DeleteInput, { description: 'The rule.' }) input: DeleteInput,
  ): Promise<DeletePayload> {
    return refusable<{ deletedId: string | null }>(input, { deletedId: null }, async () => {
      const { transformationRules, mappings } = this.parts;
      const rule = await this.#find(input.id);
      checkRevision(rule, input.expectedRevision ?? null);
      const all = await transformationRules.all();
      const [user] = fieldsUsing(rule.code, await mappings.list({}), all);
      if (user !== undefined)
        refuse('IN_USE', `id: the field ${user.name} of ${user.mappingName} uses ${rule.code}: remove it there first`, [
          'id',
        ]);
      const [before] = rulesChaining(rule.code, all);
      if (before !== undefined)
        refuse('IN_USE', `id: the rule ${before.code} goes on with ${rule.code}: change it first`, ['id']);
      if (!(await transformationRules.remove(rule.id, rule.revision))) refuseChanged(rule, input.expectedRevision);
      return { deletedId: input.id };
    });
  }

  async #find(global: string): Promise<TransformationRule> {
    const id = idOfType('TransformationRule', global);
    const [rule] = id === null ? [] : await this.parts.transformationRules.byIds([id]);
    return rule ?? refuse('NOT_FOUND', `id: there is no transformation rule with the id ${global}`, ['id']);
  }
}

const saving = (
  input: { readonly clientMutationId?: string | null },
  save: () => Promise<TransformationRule>,
): Promise<TransformationRulePayload> =>
  refusable<{ transformationRule: TransformationRule | null }>(input, { transformationRule: null }, async () => ({
    transformationRule: await save(),
  }));

function refuseFaults(rule: TransformationRule, others: TransformationRules): void {
  const faults = ruleFaults(rule, others);
  if (faults.length > 0)
    throw new RefusedError(
      faults.map(({ path, message }) => userError('INVALID', `${path.join('.')}: ${message}`, path)),
    );
}

// Somebody was faster, after the rule was read here.
function refuseChanged({ code }: TransformationRule, expected: number | null | undefined): never {
  const field = typeof expected === 'number' ? 'expectedRevision' : 'id';
  refuse('STALE_REVISION', `${field}: ${code} was changed meanwhile; read it again, then repeat`, [field]);
}

function checkRevision({ code, revision }: TransformationRule, expected: number | null): void {
  if (expected === null || expected === revision) return;
  refuse(
    'STALE_REVISION',
    `expectedRevision: ${code} has revision ${revision}, expected was ${expected}: someone changed it; read it again, then repeat`,
    ['expectedRevision'],
  );
}
