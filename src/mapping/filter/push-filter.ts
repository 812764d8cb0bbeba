import type { FieldMetadata, FieldValue, TableMetadata } from '../field-value.js';
import type { FieldFilter } from '../integration-table-mapping.js';
import type { FilterNode, FilterOperand, PatternPart } from './filter-ast.js';
import { dayOf, isText, meansBlank, nextDay, patternOf, type TextPattern, valueOf } from './filter-operand.js';
import { parseFilter } from './parse-filter.js';

/**
 * A condition for `$filter` that leaves out no row that the filter matches. It may let others pass: the systems compare
 * texts more loosely than we do, and some things cannot be said to them. So what comes is always evaluated by us again.
 */
export interface PushedFilter {
  /** Null: nothing of it can be said, all rows have to be read. */
  readonly text: string | null;
  /** True when exactly the matching rows pass. */
  readonly exact: boolean;
}

/** How one system's `$filter` says things. Literals are ready to stand in it, before percent-encoding. */
export interface FilterDialect {
  nameOf(field: FieldMetadata): string;
  /** Null for a value that the system cannot be asked for, or would take for something else. */
  literalOf(field: FieldMetadata, value: NonNullable<FieldValue>): string | null;
  /** What a field without a value is compared with; null where it cannot be asked for. */
  blankOf(field: FieldMetadata): string | null;
  /** True where the blank of a field has a place in its order, before all values: an upper bound has to leave it out. */
  ordersBlank(field: FieldMetadata): boolean;
  /** True where `ne` lets blanks pass by itself. */
  readonly neMatchesBlank: boolean;
  /** True where texts of the field are equal for the system only when all characters are: then `ne` loses none. */
  comparesExactly(field: FieldMetadata): boolean;
  /** A comparison without regard to case; null where there is none that the system can be asked for. */
  equalIgnoringCase(field: FieldMetadata, text: string): PushedFilter | null;
  /** A part of a text as contains, startswith and endswith take it; null where the system would read it as a pattern. */
  partOf(field: FieldMetadata, text: string): { readonly literal: string; readonly exact: boolean } | null;
  /** True where contains, startswith and endswith do not regard case. */
  readonly partsIgnoreCase: boolean;
}

const EVERYTHING: PushedFilter = { text: null, exact: true };
const UNSAID: PushedFilter = { text: null, exact: false };

/** Characters of a `$filter` after percent-encoding: far below the shortest limit of an address on the way. */
const LONGEST = 3_000;

/** All filters of a table as one condition. Throws FilterSyntaxError; a field that the table lacks is left unsaid. */
export function pushFilters(
  filters: readonly FieldFilter[],
  table: TableMetadata,
  dialect: FilterDialect,
): PushedFilter {
  const pushed = filters.map(({ field, expression }) => {
    const metadata = table.fields.get(field);
    return metadata === undefined
      ? UNSAID
      : pushNode(parseFilter(expression), { field: metadata, expression, dialect });
  });
  const all = pushed.length === 0 ? EVERYTHING : both(pushed);
  return all.text !== null && encodeURIComponent(all.text).length > LONGEST ? UNSAID : all;
}

interface Place {
  readonly field: FieldMetadata;
  readonly expression: string;
  readonly dialect: FilterDialect;
}

function pushNode(node: FilterNode, place: Place): PushedFilter {
  switch (node.kind) {
    case 'or':
      return either(node.nodes.map((part) => pushNode(part, place)));
    case 'and':
      return both(node.nodes.map((part) => pushNode(part, place)));
    case 'range':
      return both([
        ...(node.from === null ? [] : [pushOrder('>=', node.from, place)]),
        ...(node.to === null ? [] : [pushOrder('<=', node.to, place)]),
      ]);
    case 'compare':
      if (node.operator === '=') return pushEqual(node.operand, place);
      return node.operator === '<>' ? pushUnequal(node.operand, place) : pushOrder(node.operator, node.operand, place);
  }
}

/** All have to hold: what is unsaid only lets more rows pass. */
function both(parts: readonly PushedFilter[]): PushedFilter {
  const texts = parts.flatMap(({ text }) => text ?? []);
  return {
    text: joined(texts, 'and'),
    exact: parts.every(({ exact }) => exact),
  };
}

/** One has to hold: where one is unsaid, nothing can be left out. */
function either(parts: readonly PushedFilter[]): PushedFilter {
  const texts = parts.flatMap(({ text }) => text ?? []);
  if (texts.length < parts.length) return parts.some((part) => part === EVERYTHING) ? EVERYTHING : UNSAID;
  return { text: joined(texts, 'or'), exact: parts.every(({ exact }) => exact) };
}

const joined = (texts: readonly string[], word: 'and' | 'or'): string | null =>
  texts.length < 2 ? (texts[0] ?? null) : texts.map(bracketed).join(` ${word} `);

const bracketed = (text: string): string => (/ (?:and|or) /.test(text) ? `(${text})` : text);

function pushEqual(operand: FilterOperand, place: Place): PushedFilter {
  const { field, expression, dialect } = place;
  const name = dialect.nameOf(field);
  if (meansBlank(operand, field)) return said(dialect.blankOf(field), (blank) => `${name} eq ${blank}`);
  if (isText(field)) return pushPattern(patternOf(operand, field), place);
  const day = dayOf(operand, field);
  if (day !== null) return both([bound('ge', day, place), bound('lt', nextDay(day), place)]);
  return said(dialect.literalOf(field, valueOf(operand, field, expression)), (literal) => `${name} eq ${literal}`);
}

function pushUnequal(operand: FilterOperand, place: Place): PushedFilter {
  const { field, expression, dialect } = place;
  const name = dialect.nameOf(field);
  if (meansBlank(operand, field)) return said(dialect.blankOf(field), (blank) => `${name} ne ${blank}`);
  const orBlank = (part: PushedFilter): PushedFilter => {
    const blank = dialect.neMatchesBlank ? null : dialect.blankOf(field);
    return blank === null || part.text === null ? part : either([part, { text: `${name} eq ${blank}`, exact: true }]);
  };
  if (isText(field)) {
    const text = onlyText(patternOf(operand, field));
    if (text === null || !dialect.comparesExactly(field)) return UNSAID;
    return orBlank(said(dialect.literalOf(field, text), (literal) => `${name} ne ${literal}`));
  }
  const day = dayOf(operand, field);
  if (day !== null) return orBlank(either([bound('lt', day, place), bound('ge', nextDay(day), place)]));
  const ne = said(dialect.literalOf(field, valueOf(operand, field, expression)), (literal) => `${name} ne ${literal}`);
  return orBlank(ne);
}

/** Texts are ordered by each system's own collation: only numbers and times have one order for all. */
function pushOrder(operator: '<' | '<=' | '>' | '>=', operand: FilterOperand, place: Place): PushedFilter {
  const { field, expression, dialect } = place;
  if (isText(field) || field.type === 'OPTION') return UNSAID;
  const day = dayOf(operand, field);
  const asked =
    day === null
      ? bound(words[operator], valueOf(operand, field, expression), place)
      : {
          '<': () => bound('lt', day, place),
          '<=': () => bound('lt', nextDay(day), place),
          '>': () => bound('ge', nextDay(day), place),
          '>=': () => bound('ge', day, place),
        }[operator]();
  if (operator === '>' || operator === '>=' || asked.text === null || !dialect.ordersBlank(field)) return asked;
  const name = dialect.nameOf(field);
  return both([asked, said(dialect.blankOf(field), (blank) => `${name} ne ${blank}`)]);
}

const words = { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' } as const;

const bound = (word: string, value: NonNullable<FieldValue>, { field, dialect }: Place): PushedFilter =>
  said(dialect.literalOf(field, value), (literal) => `${dialect.nameOf(field)} ${word} ${literal}`);

const said = (literal: string | null, say: (literal: string) => string): PushedFilter =>
  literal === null ? UNSAID : { text: say(literal), exact: true };

function pushPattern(pattern: TextPattern, place: Place): PushedFilter {
  const { field, dialect } = place;
  const name = dialect.nameOf(field);
  const text = onlyText(pattern);
  if (text === null) return pushParts(pattern, place);
  if (pattern.ignoreCase) return dialect.equalIgnoringCase(field, text) ?? UNSAID;
  const equal = said(dialect.literalOf(field, text), (literal) => `${name} eq ${literal}`);
  return { ...equal, exact: equal.exact && dialect.comparesExactly(field) };
}

/** `A*` starts, `*A` ends, `*A*` contains; of other patterns each text has to occur, which lets more rows pass. */
function pushParts({ parts, ignoreCase }: TextPattern, { field, dialect }: Place): PushedFilter {
  if (parts.every((part) => 'wildcard' in part)) return parts.every(isAny) ? EVERYTHING : UNSAID;
  if (ignoreCase && !dialect.partsIgnoreCase) return UNSAID;
  const name = dialect.nameOf(field);
  const asked = parts.flatMap((part, index): PushedFilter[] => {
    if ('wildcard' in part) return [];
    const place = index === 0 ? 'startswith' : index === parts.length - 1 ? 'endswith' : 'contains';
    const literal = dialect.partOf(field, part.text);
    return [literal === null ? UNSAID : { text: `${place}(${name},${literal.literal})`, exact: literal.exact }];
  });
  const isSimple = asked.length === 1 && parts.every((part) => 'text' in part || part.wildcard === '*');
  const all = both(asked);
  return { ...all, exact: all.exact && isSimple };
}

const isAny = (part: PatternPart): boolean => 'wildcard' in part && part.wildcard === '*';

/** The text of a pattern without wildcards; null for one with them. */
function onlyText({ parts }: TextPattern): string | null {
  const [only] = parts;
  return parts.length === 1 && only !== undefined && 'text' in only ? only.text : null;
}
