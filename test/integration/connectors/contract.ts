import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type {
  ChangePage,
  Connector,
  ConnectorFeatures,
  ReadChangesRequest,
  SourceRow,
  WriteOperation,
  WriteOutcome,
} from '../../../src/connectors/connector.js';
import type { FieldValues } from '../../../src/mapping/field-value.js';

/** Fields of the table that the contract is tried with, by what they hold. */
export interface ContractTable {
  readonly name: string;
  readonly fields: {
    /** A text; required, not unique. */
    readonly title: string;
    readonly phone: string;
    /** A decimal with at least two places. */
    readonly amount: string;
    readonly option: string;
  };
  readonly option: string;
  /** Longer than the title may be. */
  readonly tooLong: number;
}

/** What happens to requests from outside. */
export interface ContractFaults {
  /** The next write's answer is lost, before or after it took effect. */
  loseWrite(when: 'before' | 'after'): Promise<void>;
  /** The next read's connection breaks once. */
  breakNextRead(): Promise<void>;
  /** Every read hangs; resolves in `hanging` when one does. */
  hangReads(): Promise<{ readonly hanging: Promise<void> }>;
  /** The next write is throttled once for so many seconds; null where there is no such thing. */
  readonly throttleWrite: ((seconds: number) => Promise<void>) | null;
  /** Cursors given so far are refused; null where cursors do not expire. */
  readonly expireCursors: (() => Promise<void>) | null;
  /** Days pass until cursors given so far are too old; null where cursors do not age. */
  readonly ageCursors: (() => Promise<void>) | null;
  clear(): Promise<void>;
}

/** Changes that somebody else makes. */
export interface ContractPerson {
  create(values: FieldValues): Promise<string>;
  edit(id: string, values: FieldValues): Promise<void>;
  remove(id: string): Promise<void>;
}

/** One system with its connector. */
export interface ContractSystem {
  readonly connector: Connector;
  readonly table: ContractTable;
  readonly person: ContractPerson;
  readonly faults: ContractFaults;
  /** Rows that a page holds at most. */
  readonly pageSize: number;
  /** Requests for rows so far. */
  readsSoFar(): Promise<number>;
  close(): Promise<void>;
}

const never = new AbortController().signal;

/** Everything that the port promises, tried on one implementation. */
export function connectorContract(
  name: string,
  open: () => Promise<ContractSystem>,
  features: ConnectorFeatures,
): void {
  describe(`the connector contract: ${name}`, () => {
    let system: ContractSystem;
    beforeAll(async () => {
      system = await open();
    });
    afterEach(() => system.faults.clear());
    afterAll(() => system.close());

    const fieldNames = () => Object.values(system.table.fields);
    const title = (text: string): FieldValues => ({ [system.table.fields.title]: text });
    const unique = (text = 'Contract') => `${text} ${randomUUID().slice(0, 13)}`;

    const write = (...operations: WriteOperation[]): Promise<WriteOutcome[]> =>
      system.connector.write({ table: system.table.name, fields: fieldNames(), operations }, never);
    const newId = () => (features.clientAssignedIds ? randomUUID() : null);
    const createOf = (values: FieldValues): WriteOperation => ({ kind: 'CREATE', id: newId(), values });
    const created = async (values: FieldValues): Promise<SourceRow> => written((await write(createOf(values)))[0]);
    const read = async (id: string): Promise<SourceRow | undefined> =>
      (await system.connector.readByIds({ table: system.table.name, fields: fieldNames(), ids: [id] }, never))[0];
    /** Without change tracking the deletions of a while before may be told again. */
    const toldOnce = (deletedIds: readonly string[], id: string): boolean => {
      if (features.changeTracking) expect(deletedIds).toEqual([id]);
      return deletedIds.filter((one) => one === id).length === 1;
    };
    const changes = (cursor: string | null, fields: readonly string[] = fieldNames()): Promise<ReadResult> =>
      readAll(system.connector, { table: system.table.name, fields, cursor });

    test('declares its features', () => expect(system.connector.features).toEqual(features));

    test('tells which company or organisation it means, always the same', async () => {
      const identity = await system.connector.identity(never);
      expect(identity).not.toBe('');
      expect(await system.connector.identity(never)).toBe(identity);
    });

    test('is found usable by its own test, step by step', async () => {
      const result = await system.connector.test(never);
      expect(result.steps.filter(({ ok }) => !ok)).toEqual([]);
      expect(result.ok).toBe(true);
      expect(result.steps.length).toBeGreaterThan(0);
    });

    describe('metadata', () => {
      test('has the key field and a type for each field', async () => {
        const metadata = await system.connector.metadata(system.table.name, never);
        expect(metadata.fields.has(metadata.keyField)).toBe(true);
        const { title: text, amount, option } = system.table.fields;
        expect([text, amount, option].map((field) => metadata.fields.get(field)?.type)).toEqual([
          'TEXT',
          'DECIMAL',
          'OPTION',
        ]);
        expect(metadata.fields.get(option)?.options.map(({ value }) => value)).toContain(system.table.option);
        expect(metadata.fields.get(text)?.maxLength).toBeLessThan(system.table.tooLong);
      });

      test('is offered for every table that is listed by name, and the table is among them', async () => {
        const tables = await system.connector.tables(never);
        const names = tables.map((table) => table.name);
        expect(names).toContain(system.table.name);
        expect(names).toEqual([...new Set(names)].toSorted());
        for (const table of tables) {
          const metadata = await system.connector.metadata(table.name, never);
          expect(table).toMatchObject({ name: metadata.name, label: metadata.label });
        }
      });

      test('of an unknown table is refused as CONFIGURATION naming it', async () => {
        const request = system.connector.metadata('nonsenses', never);
        await expect(request).rejects.toMatchObject({
          errorClass: 'CONFIGURATION',
          message: expect.stringContaining('nonsenses'),
        });
      });

      test('a read of an unknown field is refused as CONFIGURATION naming it', async () => {
        const request = changes(null, ['nonsense']);
        await expect(request).rejects.toMatchObject({ errorClass: 'CONFIGURATION', field: 'nonsense' });
      });
    });

    describe('reading everything', () => {
      test('gives each row once, in pages, with exactly the fields asked for, and a cursor on the last page alone', async () => {
        const fields = [system.table.fields.title, system.table.fields.phone];
        const { pages, rows } = await changes(null, fields);
        expect(pages.length).toBeGreaterThan(1);
        expect(Math.max(...pages.map((page) => page.rows.length))).toBeLessThanOrEqual(system.pageSize);
        expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
        expect(new Set(rows.flatMap(({ values }) => Object.keys(values)))).toEqual(new Set(fields));
        expect(pages.map(({ cursor }) => cursor !== null)).toEqual(pages.map((_, index) => index === pages.length - 1));
      });

      test('asks for a page only when it is wanted', async () => {
        const pages = system.connector.readChanges(
          { table: system.table.name, fields: fieldNames(), cursor: null },
          never,
        );
        const iterator = pages[Symbol.asyncIterator]();
        await iterator.next();
        const before = await system.readsSoFar();
        await new Promise((resolve) => setImmediate(resolve));
        expect(await system.readsSoFar()).toBe(before);
        await iterator.next();
        expect(await system.readsSoFar()).toBe(before + 1);
        await iterator.return?.();
      });

      test('and sweeping find the same rows in the same versions', async () => {
        const swept: (readonly [string, string])[] = [];
        for await (const page of system.connector.sweep(system.table.name, never))
          swept.push(...page.map(({ id, version }) => [id, version] as const));
        const { rows } = await changes(null);
        expect(new Map(swept)).toEqual(new Map(rows.map(({ id, version }) => [id, version])));
      });
    });

    describe('reading changes', () => {
      test('finds what somebody else changed since, in its new version', async () => {
        const id = await system.person.create(title(unique()));
        const before = await read(id);
        const { cursor } = await changes(null);
        await system.person.edit(id, { [system.table.fields.phone]: '+49 30 1' });
        const { rows } = await changes(cursor);
        const changed = rows.findLast((row) => row.id === id);
        expect(changed?.values).toMatchObject({ [system.table.fields.phone]: '+49 30 1' });
        expect(changed?.version).not.toBe(before?.version);
        if (features.changeTimes === 'MOMENT') expect(changed?.modifiedAt).toBeInstanceOf(Date);
        else expect(changed).toBeDefined();
      });

      test('shows our own write in the version that the write told', async () => {
        const { cursor } = await changes(null);
        const row = await created(title(unique()));
        const { rows } = await changes(cursor);
        expect(rows.findLast(({ id }) => id === row.id)).toEqual(row);
      });

      test('gives nothing new when nothing changed', async () => {
        const first = await changes(null);
        const known = new Map(first.rows.map(({ id, version }) => [id, version]));
        const { rows, deletedIds } = await changes(first.cursor);
        if (features.changeTracking) expect({ rows, deletedIds }).toEqual({ rows: [], deletedIds: [] });
        else expect(rows.filter(({ id, version }) => known.get(id) !== version)).toEqual([]);
      });

      test(features.deletions ? 'tells deletions' : 'tells no deletions; the sweep no longer has the row', async () => {
        const id = await system.person.create(title(unique()));
        const { cursor } = await changes(null);
        await system.person.remove(id);
        const { rows, deletedIds } = await changes(cursor);
        expect(toldOnce(deletedIds, id)).toBe(features.deletions);
        expect(rows.map((row) => row.id)).not.toContain(id);
        const swept: string[] = [];
        for await (const page of system.connector.sweep(system.table.name, never))
          swept.push(...page.map((row) => row.id));
        expect(swept).not.toContain(id);
      });

      test('with more fields than the cursor knows reads every row with them, and loses no deletion', async () => {
        const id = await system.person.create(title(unique()));
        const { cursor, rows: before } = await changes(null, [system.table.fields.title]);
        await system.person.remove(id);
        const { rows, deletedIds, cursor: next } = await changes(cursor);
        expect(rows).toHaveLength(before.length - 1);
        expect(Object.keys(rows[0]?.values ?? {}).toSorted()).toEqual(fieldNames().toSorted());
        expect(toldOnce(deletedIds, id)).toBe(features.deletions);
        if (features.changeTracking) expect((await changes(next)).deletedIds).toEqual([]);
      });

      test('with fewer fields than the cursor knows goes on with it', async () => {
        const { cursor } = await changes(null);
        const id = await system.person.create(title(unique()));
        const { rows } = await changes(cursor, [system.table.fields.title]);
        expect(Object.keys(rows.findLast((row) => row.id === id)?.values ?? {})).toEqual([system.table.fields.title]);
      });

      test('loses no change that somebody makes between two pages', async () => {
        const ids = [await system.person.create(title(unique())), await system.person.create(title(unique()))];
        const pages = system.connector.readChanges(
          { table: system.table.name, fields: fieldNames(), cursor: null },
          never,
        );
        const seen: ChangePage[] = [];
        for await (const page of pages) {
          if (seen.push(page) > 1) continue;
          await system.person.edit(ids[0] ?? '', { [system.table.fields.phone]: 'between' });
          ids.push(await system.person.create(title(unique('Between'))));
          await system.person.remove(ids[1] ?? '');
        }
        const later = await changes(seen.at(-1)?.cursor ?? null);
        const versions = [...seen.flatMap(({ rows }) => rows), ...later.rows];
        const last = (id: string | undefined) => versions.findLast((row) => row.id === id)?.values;
        expect(last(ids[0])?.[system.table.fields.phone]).toBe('between');
        expect(last(ids[2])?.[system.table.fields.title]).toContain('Between');
        if (features.deletions)
          expect([...seen.flatMap(({ deletedIds }) => deletedIds), ...later.deletedIds]).toContain(ids[1]);
      });

      test('never shows a row that was made and deleted since', async () => {
        const { cursor } = await changes(null);
        const id = await system.person.create(title(unique()));
        await system.person.remove(id);
        const { rows, deletedIds } = await changes(cursor);
        expect(rows.map((row) => row.id)).not.toContain(id);
        expect(deletedIds.filter((one) => one === id).length).toBeLessThanOrEqual(1);
      });

      test('shows a row whose other columns changed in a new version, with the same values', async () => {
        const id = await system.person.create(title(unique()));
        const { cursor, rows: before } = await changes(null, [system.table.fields.title]);
        await system.person.edit(id, { [system.table.fields.phone]: 'elsewhere' });
        const { rows } = await changes(cursor, [system.table.fields.title]);
        const changed = rows.findLast((row) => row.id === id);
        const known = before.find((row) => row.id === id);
        expect(changed?.values).toEqual(known?.values);
        expect(changed?.version).not.toBe(known?.version);
      });

      test('tells what the person changed last, however often the row was changed since', async () => {
        const id = await system.person.create(title(unique()));
        const { cursor } = await changes(null);
        for (const phone of ['1', '2', '3']) await system.person.edit(id, { [system.table.fields.phone]: phone });
        const { rows } = await changes(cursor);
        if (features.changeTracking) expect(rows.filter((row) => row.id === id)).toHaveLength(1);
        expect(rows.findLast((row) => row.id === id)?.values[system.table.fields.phone]).toBe('3');
      });

      test.each(['expireCursors', 'ageCursors'] as const)(
        'with an expired cursor says so, and reading everything shows what is left (%s)',
        async (expiry) => {
          const expire = system.faults[expiry];
          if (expire === null) return;
          const [kept, removed] = [
            await system.person.create(title(unique())),
            await system.person.create(title('Gone')),
          ];
          const { cursor } = await changes(null);
          await system.person.edit(kept, { [system.table.fields.phone]: 'after' });
          await system.person.remove(removed);
          await expire();
          await expect(changes(cursor)).rejects.toMatchObject({ name: 'CursorExpiredError', code: 'CURSOR_EXPIRED' });
          const whole = await changes(null);
          expect(whole.rows.find((row) => row.id === kept)?.values[system.table.fields.phone]).toBe('after');
          // The deletion is told by the absence of the row alone.
          expect([...whole.rows.map((row) => row.id), ...whole.deletedIds]).not.toContain(removed);
          const next = await changes(whole.cursor);
          if (features.changeTracking) expect(next.rows.filter((row) => row.id === kept)).toEqual([]);
        },
      );
    });

    describe('reading by ids', () => {
      test('gives the rows that exist, and none for the others', async () => {
        const { rows } = await changes(null);
        const ids = rows.slice(0, 110).map(({ id }) => id);
        const found = await system.connector.readByIds(
          { table: system.table.name, fields: fieldNames(), ids: [...ids, randomUUID()] },
          never,
        );
        expect(new Map(found.map((row) => [row.id, row]))).toEqual(
          new Map(rows.slice(0, 110).map((row) => [row.id, row])),
        );
      });

      test('takes an id that no record can have for what it is, not for a part of the question', async () => {
        const [row] = (await changes(null)).rows;
        const ids = [row?.id ?? '', 'nonsense', `${randomUUID()} or 1 eq 1`, "'"];
        const request = { table: system.table.name, fields: fieldNames(), ids };
        expect((await system.connector.readByIds(request, never)).map(({ id }) => id)).toEqual([row?.id]);
      });

      test('of no ids asks nothing', async () => {
        const before = await system.readsSoFar();
        expect(
          await system.connector.readByIds({ table: system.table.name, fields: fieldNames(), ids: [] }, never),
        ).toEqual([]);
        expect(await system.readsSoFar()).toBe(before);
      });
    });

    describe('finding', () => {
      const find = (equal: FieldValues, modifiedSince?: Date) =>
        system.connector.find(
          {
            table: system.table.name,
            fields: fieldNames(),
            equal,
            ...(modifiedSince === undefined ? {} : { modifiedSince }),
          },
          never,
        );

      test('compares exactly, whatever the characters mean elsewhere', async () => {
        for (const text of ["O'Brien & Sons", 'a*b', '50% (x|y)', '"quoted" + #1', 'Ünïcode 😀 / ?', 'a..b', '<tag>']) {
          const wanted = unique(text);
          const row = await created(title(wanted));
          expect(
            (await find(title(wanted))).map(({ id }) => id),
            wanted,
          ).toEqual([row.id]);
        }
      });

      test('takes no other case for equal', async () => {
        const wanted = unique('Exact');
        await created(title(wanted));
        expect(await find(title(wanted.toUpperCase()))).toEqual([]);
      });

      test('agrees in all values, blank ones too', async () => {
        const { title: text, phone, amount, option } = system.table.fields;
        const values = { [text]: unique(), [phone]: null, [amount]: '1234.5', [option]: system.table.option };
        const row = await created(values);
        expect(await find(values)).toEqual([row]);
        expect(await find({ ...values, [amount]: '1234.51' })).toEqual([]);
        expect(await find({ ...values, [phone]: '1' })).toEqual([]);
      });

      test('leaves out what was modified before', async () => {
        const wanted = unique();
        const row = await created(title(wanted));
        const modifiedAt = row.modifiedAt ?? new Date();
        expect(await find(title(wanted), modifiedAt)).toHaveLength(1);
        const later = features.changeTimes === 'MOMENT' ? 5_000 : 2 * 24 * 60 * 60_000;
        expect(await find(title(wanted), new Date(modifiedAt.getTime() + later))).toEqual([]);
      });
    });

    describe('writing', () => {
      test('creates a row and answers with it as it is stored', async () => {
        const { title: text, phone, amount, option } = system.table.fields;
        const values = { [text]: unique(), [phone]: null, [amount]: '1234.56', [option]: system.table.option };
        const row = await created(values);
        expect(row.values).toEqual(values);
        expect(await read(row.id)).toEqual(row);
      });

      test('updates the row that has the version, and only the fields that were sent', async () => {
        const row = await created({ ...title(unique()), [system.table.fields.phone]: '1' });
        const [outcome] = await write({
          kind: 'UPDATE',
          id: row.id,
          version: row.version,
          values: { [system.table.fields.phone]: '2' },
        });
        const after = written(outcome);
        expect(after.values).toEqual({ ...row.values, [system.table.fields.phone]: '2' });
        expect(after.version).not.toBe(row.version);
        expect(await read(row.id)).toEqual(after);
      });

      test('blanks a field', async () => {
        const row = await created({ ...title(unique()), [system.table.fields.phone]: '1' });
        const [outcome] = await write({
          kind: 'UPDATE',
          id: row.id,
          version: row.version,
          values: { [system.table.fields.phone]: null },
        });
        expect(written(outcome).values[system.table.fields.phone]).toBeNull();
      });

      test('does not touch a row that somebody else changed meanwhile', async () => {
        const row = await created(title(unique()));
        await system.person.edit(row.id, { [system.table.fields.phone]: 'theirs' });
        const outcomes = await write(
          { kind: 'UPDATE', id: row.id, version: row.version, values: { [system.table.fields.phone]: 'ours' } },
          { kind: 'DELETE', id: row.id, version: row.version },
        );
        expect(outcomes).toEqual([{ kind: 'CHANGED' }, { kind: 'CHANGED' }]);
        expect((await read(row.id))?.values[system.table.fields.phone]).toBe('theirs');
      });

      test('deletes the row that has the version; what is gone stays gone', async () => {
        const row = await created(title(unique()));
        expect(await write({ kind: 'DELETE', id: row.id, version: row.version })).toEqual([
          { kind: 'WRITTEN', row: null },
        ]);
        const outcomes = await write(
          { kind: 'DELETE', id: row.id, version: row.version },
          { kind: 'UPDATE', id: row.id, version: row.version, values: title('Revived') },
        );
        expect(outcomes).toEqual([{ kind: 'GONE' }, { kind: 'GONE' }]);
        expect(await read(row.id)).toBeUndefined();
      });

      test(features.clientAssignedIds ? 'creates with our id once' : 'takes no id of ours', async () => {
        const id = randomUUID();
        const create: WriteOperation = { kind: 'CREATE', id, values: title(unique()) };
        const [first] = await write(create);
        if (features.clientAssignedIds) {
          expect(written(first).id).toBe(id);
          expect(await write(create)).toMatchObject([{ kind: 'KEY_EXISTS', error: { errorClass: 'DUPLICATE' } }]);
        } else {
          expect(first).toMatchObject({ kind: 'REFUSED' });
        }
      });

      test('tells each operation its own outcome, in order', async () => {
        const row = await created(title(unique()));
        const outcomes = await write(
          createOf(title(unique())),
          createOf(title('x'.repeat(system.table.tooLong))),
          { kind: 'UPDATE', id: randomUUID(), version: row.version, values: title('Nobody') },
          { kind: 'UPDATE', id: row.id, version: row.version, values: { nonsense: 1 } },
          { kind: 'UPDATE', id: row.id, version: row.version, values: title('Changed') },
        );
        expect(outcomes.map(({ kind }) => kind)).toEqual(['WRITTEN', 'REFUSED', 'GONE', 'REFUSED', 'WRITTEN']);
        expect(outcomes[1]).toMatchObject({ error: { errorClass: 'VALIDATION' } });
        expect(outcomes[3]).toMatchObject({ error: { errorClass: 'CONFIGURATION', field: 'nonsense' } });
      });

      test('writes more than fits into one request', async () => {
        const names = Array.from({ length: 130 }, (_, index) => unique(`Many ${index}`));
        const outcomes = await write(...names.map((one) => createOf(title(one))));
        expect(outcomes.map((outcome) => written(outcome).values[system.table.fields.title])).toEqual(names);
        const deleted = await write(
          ...outcomes.map(
            (outcome): WriteOperation => ({
              kind: 'DELETE',
              id: written(outcome).id,
              version: written(outcome).version,
            }),
          ),
        );
        expect(new Set(deleted.map(({ kind }) => kind))).toEqual(new Set(['WRITTEN']));
      });

      test('of nothing asks nothing', async () => expect(await write()).toEqual([]));

      test('to an unknown table is refused for each operation', async () => {
        const outcomes = await system.connector.write(
          { table: 'nonsenses', fields: [], operations: [createOf({}), createOf({})] },
          never,
        );
        expect(outcomes).toMatchObject([
          { kind: 'REFUSED', error: { errorClass: 'CONFIGURATION' } },
          { kind: 'REFUSED', error: { errorClass: 'CONFIGURATION' } },
        ]);
      });
    });

    describe('when the network fails', () => {
      test.each(['before', 'after'] as const)(
        'a create whose answer is lost %s it took effect is UNKNOWN, and is not repeated',
        async (when) => {
          const wanted = unique();
          await system.faults.loseWrite(when);
          expect(await write(createOf(title(wanted)))).toMatchObject([
            { kind: 'UNKNOWN', error: { errorClass: 'TRANSIENT' } },
          ]);
          const found = await system.connector.find(
            { table: system.table.name, fields: fieldNames(), equal: title(wanted) },
            never,
          );
          expect(found).toHaveLength(when === 'after' ? 1 : 0);
        },
      );

      test('an update whose answer is lost is UNKNOWN, and sending it again finds the row CHANGED', async () => {
        const row = await created(title(unique()));
        const update: WriteOperation = {
          kind: 'UPDATE',
          id: row.id,
          version: row.version,
          values: { [system.table.fields.phone]: '7' },
        };
        await system.faults.loseWrite('after');
        expect(await write(update)).toMatchObject([{ kind: 'UNKNOWN' }]);
        expect(await write(update)).toEqual([{ kind: 'CHANGED' }]);
        expect((await read(row.id))?.values[system.table.fields.phone]).toBe('7');
      });

      test('a read that breaks fails as TRANSIENT or succeeds by being repeated', async () => {
        const id = await system.person.create(title(unique()));
        await system.faults.breakNextRead();
        const outcome = await read(id).then(
          (row) => row?.id,
          (error: unknown) => error,
        );
        if (outcome !== id) expect(outcome).toMatchObject({ errorClass: 'TRANSIENT' });
        expect((await read(id))?.id).toBe(id);
      });

      test('a throttled write waits as long as the system asks, and is done', async () => {
        const { throttleWrite } = system.faults;
        if (throttleWrite === null) return;
        await throttleWrite(1);
        const startedAt = performance.now();
        await created(title(unique()));
        expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
      });

      test('an abort ends a read whose answer hangs, with its reason', async () => {
        const id = await system.person.create(title(unique()));
        const { hanging } = await system.faults.hangReads();
        const stopping = new AbortController();
        const reason = new Error('lease lost');
        const request = system.connector.readByIds(
          { table: system.table.name, fields: fieldNames(), ids: [id] },
          stopping.signal,
        );
        await hanging;
        const abortedAt = performance.now();
        stopping.abort(reason);
        await expect(request).rejects.toBe(reason);
        expect(performance.now() - abortedAt).toBeLessThan(500);
      });

      test('a write asks right before it is sent whether it still may, and is not sent when it may not', async () => {
        const reason = new Error('the lease has ended');
        const wanted = unique();
        const request = system.connector.write(
          {
            table: system.table.name,
            fields: fieldNames(),
            operations: [createOf(title(wanted))],
            assertHeld: () => {
              throw reason;
            },
          },
          never,
        );
        await expect(request).rejects.toBe(reason);
        expect(
          await system.connector.find({ table: system.table.name, fields: [], equal: title(wanted) }, never),
        ).toEqual([]);
      });

      test('nothing is sent once the signal has aborted', async () => {
        const reason = new Error('lease lost');
        const aborted = AbortSignal.abort(reason);
        const wanted = unique();
        const request = system.connector.write(
          { table: system.table.name, fields: fieldNames(), operations: [createOf(title(wanted))] },
          aborted,
        );
        await expect(request).rejects.toBe(reason);
        await expect(system.connector.identity(aborted)).rejects.toBe(reason);
        expect(
          await system.connector.find({ table: system.table.name, fields: [], equal: title(wanted) }, never),
        ).toEqual([]);
      });
    });
  });
}

interface ReadResult {
  readonly pages: ChangePage[];
  readonly rows: SourceRow[];
  readonly deletedIds: string[];
  readonly cursor: string | null;
}

async function readAll(connector: Connector, request: ReadChangesRequest): Promise<ReadResult> {
  const pages: ChangePage[] = [];
  for await (const page of connector.readChanges(request, never)) pages.push(page);
  return {
    pages,
    rows: pages.flatMap(({ rows }) => rows),
    deletedIds: pages.flatMap(({ deletedIds }) => deletedIds),
    cursor: pages.at(-1)?.cursor ?? null,
  };
}

function written(outcome: WriteOutcome | undefined): SourceRow {
  if (outcome?.kind === 'WRITTEN' && outcome.row !== null) return outcome.row;
  const told = outcome !== undefined && 'error' in outcome ? `${outcome.error.code}: ${outcome.error.message}` : '';
  throw new Error(`expected a written row, got ${outcome?.kind} ${told}`);
}
