import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Row, Tandem } from '../../support/tandem.js';

const RULE = 'transformationRule { id code kind revision next } userErrors { code field message }';

describe('transformation rules that a person makes', () => {
  let tandem: Tandem;
  beforeAll(async () => {
    tandem = await Tandem.open();
    await tandem.start();
    await tandem.firstSynchronization();
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  // oxlint-disable-next-line typescript/no-explicit-any
  const mutate = async (name: string, type: string, input: Row, selection = RULE): Promise<Record<string, any>> =>
    (await tandem.ask(`mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`, { input }))[name];
  const create = (input: Row) => mutate('createTransformationRule', 'CreateTransformationRuleInput', input);
  const update = (input: Row) => mutate('updateTransformationRule', 'UpdateTransformationRuleInput', input);
  const remove = (id: string) =>
    mutate('deleteTransformationRule', 'DeleteInput', { id }, 'deletedId userErrors { code message }');
  const save = (input: Row) =>
    mutate(
      'updateIntegrationTableMapping',
      'UpdateIntegrationTableMappingInput',
      input,
      'integrationTableMapping { revision } userErrors { code field message }',
    );

  const currency = async () =>
    (
      await tandem.ask(
        '{ integrationTableMapping(name: "CURRENCY") { id fields { field integrationField direction constantValue transformations clearValueOnFailedSynch notNull lookup conflictRule enabled useForMatchBasedCoupling caseSensitiveMatching matchPriority optionMap { value integrationValue } } } }',
      )
    )['integrationTableMapping'] as { readonly id: string; readonly fields: readonly Row[] };

  const synchronize = async (id: string): Promise<void> => {
    const { run } = await mutate('synchronizeMapping', 'SynchronizeMappingInput', { id }, 'run { code }');
    await tandem.endOf(run.code);
  };
  const names = async () =>
    (await tandem.salesRows('transactioncurrencies')).map(({ currencyname }) => String(currencyname));

  test('change values on their way, and an edit of one has every pair evaluated anew', async () => {
    const { transformationRule: shout, userErrors } = await create({ code: 'SHOUT', kind: 'UPPERCASE' });
    expect(userErrors).toEqual([]);
    const { id, fields } = await currency();
    const changed = fields.map((field) =>
      field['integrationField'] === 'currencyname' ? { ...field, transformations: ['SHOUT'] } : field,
    );
    expect(changed).not.toEqual(fields);
    expect((await save({ id, fields: changed })).userErrors).toEqual([]);
    await synchronize(id);
    const coupled = await tandem.all('couplings', 'id', 'filter: { mapping: ["CURRENCY"], state: [COUPLED] }');
    expect(coupled.length).toBeGreaterThan(1);
    const loud = await names();
    expect(loud.filter((name) => name === name.toUpperCase()).length).toBeGreaterThanOrEqual(coupled.length);
    const edited = await update({ id: shout.id, kind: 'LOWERCASE', expectedRevision: 1 });
    expect(edited).toMatchObject({ transformationRule: { kind: 'LOWERCASE', revision: 2 }, userErrors: [] });
    await synchronize(id);
    const quiet = await names();
    expect(quiet.filter((name) => name === name.toLowerCase()).length).toBeGreaterThanOrEqual(coupled.length);
    expect(await remove(shout.id)).toMatchObject({ deletedId: null, userErrors: [{ code: 'IN_USE' }] });
    expect((await update({ id: shout.id, kind: 'TRIM', expectedRevision: 1 })).userErrors).toMatchObject([
      { code: 'STALE_REVISION' },
    ]);
  });

  test('fail the record that they cannot read, with class, code and field', async () => {
    await create({ code: 'ROUND1', kind: 'ROUND', precision: 1 });
    const { id, fields } = await currency();
    const changed = fields.map((field) =>
      field['integrationField'] === 'currencyname' ? { ...field, transformations: ['ROUND1'] } : field,
    );
    expect((await save({ id, fields: changed })).userErrors).toEqual([]);
    await synchronize(id);
    const failed = await tandem.all(
      'couplings',
      'state error { class code field message }',
      'filter: { mapping: ["CURRENCY"], errorCode: ["TRANSFORMATION"] }',
    );
    expect(failed.length).toBeGreaterThan(1);
    for (const { state, error } of failed) {
      expect(['FAILED', 'SKIPPED']).toContain(state);
      expect(error).toMatchObject({ class: 'VALIDATION', field: expect.any(String) });
      expect(error.message).toContain('ROUND1');
    }
  });

  test('are refused with all that is wrong, and stay reversible where a bidirectional field uses them', async () => {
    expect(
      (await create({ code: 'BAD', kind: 'REGULAR_EXPRESSION_MATCH', findValue: '(', next: 'NOBODY' })).userErrors,
    ).toMatchObject([
      { code: 'INVALID', field: ['findValue'] },
      { code: 'INVALID', field: ['next'] },
    ]);
    expect((await create({ code: 'TRIM', kind: 'TRIM' })).userErrors).toMatchObject([
      { code: 'DUPLICATE', field: ['code'] },
    ]);
    const { transformationRule: tidy } = await create({ code: 'TIDY', kind: 'TRIM' });
    const { integrationTableMapping: customer } = await tandem.ask(
      '{ integrationTableMapping(name: "CUSTOMER") { id fields { field integrationField direction transformations } } }',
    );
    const both = (customer.fields as Row[]).filter(({ direction }) => direction === 'BIDIRECTIONAL');
    const [first] = both;
    const fields = [
      { field: first?.['field'], integrationField: first?.['integrationField'], transformations: ['TIDY'] },
    ];
    expect((await save({ id: customer.id, fields })).userErrors).toEqual([]);
    expect((await update({ id: tidy.id, kind: 'SUBSTRING', startPosition: 1 })).userErrors).toMatchObject([
      { code: 'INVALID', field: ['kind'] },
    ]);
    const codes = (await tandem.all('transformationRules', 'code')).map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['UNITGROUPNAME', 'NOTNEGATIVE', 'TIDY']));
    expect(codes).toEqual(codes.map(String).toSorted((a, b) => (a < b ? -1 : 1)));
  });
});
