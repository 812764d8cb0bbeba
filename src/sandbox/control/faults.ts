import { ConnectionCutError } from '../http/connection.js';
import {
  type Answer,
  type Description,
  type Encounter,
  type OperationKind,
  operationKinds,
} from '../http/operation.js';
import { ControlInputError } from '../settings.js';
import { Random } from '../world/generator/random.js';
import { type Side, sides } from '../world/row.js';

/** What a fault does to an operation. */
export type Effect =
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'trickle'; readonly ms: number }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number; readonly html?: boolean }
  | { readonly kind: 'error'; readonly status: number; readonly code: string; readonly message: string }
  | { readonly kind: 'resetBefore' | 'resetAfter' | 'hang' | 'truncate' | 'invalidJson' | 'wrongContentType' };

/** Which operations a fault strikes, when, and how. Everything that is not given matches. */
export interface FaultRule {
  readonly system?: Side;
  readonly method?: string;
  /** Name of an entity set, case-sensitive. */
  readonly entitySet?: string;
  /** Regular expression on the address below the service's root, decoded. */
  readonly path?: string;
  readonly operation?: OperationKind;
  /** The first matching operation to strike, counted from 1. */
  readonly nth?: number;
  /** How often to strike; without it once if `nth` is given, else always. */
  readonly times?: number;
  /** Share of the matching operations to strike, from 0 to 1. */
  readonly probability?: number;
  readonly seed?: string;
  readonly effect: Effect;
}

interface Planned {
  readonly id: number;
  readonly rule: FaultRule;
  readonly random: Random;
  matched: number;
  struck: number;
}

/** The faults that are planned, in the order in which they were added; the first that answers ends the search. */
export class FaultPlan {
  #planned: Planned[] = [];
  #nextId = 1;

  /** Adds rules; all of them or, when one is wrong, none. */
  add(input: unknown): readonly number[] {
    const rules = (Array.isArray(input) ? input : [input]).map(checkRule);
    return rules.map((rule) => {
      const id = this.#nextId++;
      this.#planned.push({ id, rule, random: new Random(`fault ${rule.seed ?? id}`), matched: 0, struck: 0 });
      return id;
    });
  }

  clear(): void {
    this.#planned = [];
  }

  list(): readonly object[] {
    return this.#planned.map(({ id, rule, matched, struck }) => ({ id, ...rule, matched, struck }));
  }

  /** What strikes this operation. Waits for delays; `closed` ends a hanging answer when the client has gone. */
  async meet(description: Description, closed: Promise<void>): Promise<Encounter> {
    const effects = this.#struck(description);
    let after: Encounter['after'] = (answer) => answer;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'delay':
          await new Promise((resolve) => setTimeout(resolve, effect.ms));
          break;
        case 'status':
        case 'error':
          return { instead: answerOf(effect, description.system), after };
        case 'trickle':
          after = (answer) => ({ ...answer, trickleMs: effect.ms });
          break;
        case 'resetBefore':
          throw new ConnectionCutError('reset before the operation');
        case 'hang':
          await closed;
          throw new ConnectionCutError('the client gave up waiting');
        case 'resetAfter':
          after = () => {
            throw new ConnectionCutError('reset after the operation');
          };
          break;
        default:
          after = distorted(effect.kind);
      }
    }
    return { after };
  }

  #struck(description: Description): readonly Effect[] {
    const effects: Effect[] = [];
    for (const planned of this.#planned) {
      if (!matches(planned.rule, description)) continue;
      planned.matched++;
      const { nth, probability = 1 } = planned.rule;
      const times = planned.rule.times ?? (nth === undefined ? Number.POSITIVE_INFINITY : 1);
      if (planned.matched < (nth ?? 1) || planned.struck >= times || !planned.random.chance(probability)) continue;
      planned.struck++;
      effects.push(planned.rule.effect);
    }
    return effects;
  }
}

function matches(rule: FaultRule, operation: Description): boolean {
  return (
    (rule.system === undefined || rule.system === operation.system) &&
    (rule.method === undefined || rule.method.toUpperCase() === operation.method) &&
    (rule.entitySet === undefined || rule.entitySet === operation.entitySet) &&
    (rule.operation === undefined || rule.operation === operation.kind) &&
    (rule.path === undefined || new RegExp(rule.path, 'u').test(decoded(operation.path)))
  );
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Texts of the platforms for statuses that faults ask for by number alone. */
const usual: Readonly<Record<Side, Readonly<Record<number, readonly [code: string, message: string]>>>> = {
  SALES: {
    429: ['0x80072322', 'Number of requests exceeded the limit of 6000 over time window of 300 seconds.'],
    500: ['0x80040216', 'An unexpected error occurred.'],
  },
  BUSINESS: {
    429: ['Application_TooManyRequests', 'Too many requests. Try again later.'],
    500: ['Internal_ServerError', 'An internal server error occurred.'],
  },
};

function answerOf(effect: Extract<Effect, { kind: 'status' | 'error' }>, system: Side): Answer {
  if (effect.kind === 'error') return jsonError(effect.status, effect.code, effect.message, {});
  const retry: Record<string, string> =
    effect.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(effect.retryAfterSeconds) };
  // Gateways in front of both systems answer these in HTML.
  if (effect.html ?? [502, 503, 504].includes(effect.status))
    return {
      status: effect.status,
      headers: { 'Content-Type': 'text/html', ...retry },
      body: `<html><head><title>${effect.status}</title></head><body><h2>Our services aren't available right now</h2></body></html>`,
    };
  const [code, message] = usual[system][effect.status] ?? [
    '',
    `The request was answered with status ${effect.status}.`,
  ];
  return jsonError(effect.status, code, message, retry);
}

function jsonError(status: number, code: string, message: string, headers: Record<string, string>): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json; odata.metadata=minimal', ...headers },
    body: { error: { code, message } },
  };
}

/** Answers that arrive broken although the operation was done. */
function distorted(kind: 'truncate' | 'invalidJson' | 'wrongContentType'): (answer: Answer) => Answer {
  return (answer) => {
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
    if (kind === 'wrongContentType')
      return { ...answer, headers: { ...answer.headers, 'Content-Type': 'text/html' }, body: text };
    if (kind === 'invalidJson') return { ...answer, body: `${text.slice(0, -1)},]` };
    return {
      ...answer,
      headers: { ...answer.headers, 'Content-Length': String(Buffer.byteLength(text)) },
      body: text.slice(0, Math.floor(text.length / 2)),
    };
  };
}

const effectFields: Readonly<
  Record<Effect['kind'], Readonly<Record<string, 'number' | 'string' | 'boolean' | 'number?' | 'boolean?'>>>
> = {
  delay: { ms: 'number' },
  trickle: { ms: 'number' },
  status: { status: 'number', retryAfterSeconds: 'number?', html: 'boolean?' },
  error: { status: 'number', code: 'string', message: 'string' },
  resetBefore: {},
  resetAfter: {},
  hang: {},
  truncate: {},
  invalidJson: {},
  wrongContentType: {},
};

const ruleFields: Readonly<Record<string, string>> = {
  method: 'string',
  entitySet: 'string',
  path: 'string',
  seed: 'string',
  nth: 'number',
  times: 'number',
  probability: 'number',
};

function checkRule(input: unknown): FaultRule {
  if (typeof input !== 'object' || input === null)
    throw new ControlInputError(`fault: expected an object, got ${JSON.stringify(input)}`);
  const rule = input as Record<string, unknown>;
  for (const [name, value] of Object.entries(rule)) {
    const got = `got ${JSON.stringify(value)}`;
    if (name === 'system' && !sides.some((side) => side === value))
      throw new ControlInputError(`fault.system: expected ${sides.join(' or ')}, ${got}`);
    else if (name === 'operation' && !operationKinds.some((kind) => kind === value))
      throw new ControlInputError(`fault.operation: expected one of ${operationKinds.join(', ')}, ${got}`);
    else if (ruleFields[name] !== undefined && typeof value !== ruleFields[name])
      throw new ControlInputError(`fault.${name}: expected a ${ruleFields[name]}, ${got}`);
    else if (!(name in ruleFields) && !['system', 'operation', 'effect'].includes(name))
      throw new ControlInputError(
        `fault.${name}: no such field; there are system, operation, effect, ${Object.keys(ruleFields).join(', ')}`,
      );
  }
  return { ...(rule as unknown as FaultRule), effect: checkEffect(rule['effect']) };
}

function checkEffect(input: unknown): Effect {
  const effect = (typeof input === 'string' ? { kind: input } : (input ?? {})) as Record<string, unknown>;
  const fields = effectFields[effect['kind'] as Effect['kind']];
  if (fields === undefined)
    throw new ControlInputError(
      `fault.effect.kind: expected one of ${Object.keys(effectFields).join(', ')}, got ${JSON.stringify(effect['kind'])}`,
    );
  for (const [name, type] of Object.entries(fields)) {
    const value = effect[name];
    const optional = type.endsWith('?');
    if (value === undefined ? !optional : typeof value !== type.replace('?', ''))
      throw new ControlInputError(
        `fault.effect.${name}: expected a ${type.replace('?', '')}, got ${JSON.stringify(value)}`,
      );
  }
  return effect as unknown as Effect;
}
