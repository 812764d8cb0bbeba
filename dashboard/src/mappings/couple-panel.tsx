import { useState } from 'react';
import { useLocation } from 'wouter';
import { CheckField, SelectField } from '../design/form-fields';
import { Icon } from '../design/icon';
import { useNotify } from '../design/notices';
import { Panel } from '../design/panel';
import { graphql } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useMay } from '../session/session-context';
import type { Mapping } from './mapping-page';
import { type FoundRecord, RecordPicker } from './record-picker';

const CoupleRecords = graphql(`
  mutation CoupleRecords($input: CoupleRecordsInput!) {
    coupleRecords(input: $input) { coupling { id title } run { id } userErrors { code message field } }
  }
`);

const MatchAndCouple = graphql(`
  mutation MatchAndCouple($input: MatchAndCoupleInput!) {
    matchAndCouple(input: $input) { run { id code } userErrors { code message field } }
  }
`);

const afterwards = {
  '': 'and leave both as they are',
  TO_INTEGRATION_TABLE: 'and the business values win',
  FROM_INTEGRATION_TABLE: 'and the Dataverse values win',
} as const;
type Afterwards = keyof typeof afterwards;

/** Couples records by their matching fields, or two that a person picks. */
export function CouplePanel({ mapping }: { readonly mapping: Mapping }) {
  const may = useMay('OPERATOR');
  const [byHand, setByHand] = useState(false);
  if (!may) return null;
  return (
    <Panel
      title="Couple records"
      aside={
        <button type="button" aria-expanded={byHand} onClick={() => setByHand(!byHand)}>
          {byHand ? 'Close' : 'Pick two by hand'}
        </button>
      }
    >
      {byHand ? <ByHand mapping={mapping} /> : <ByMatching mapping={mapping} />}
    </Panel>
  );
}

function ByMatching({ mapping }: { readonly mapping: Mapping }) {
  const [createIfNoMatch, setCreate] = useState(false);
  const [then, setThen] = useState<Afterwards>('');
  const match = useAction(MatchAndCouple);
  const [, go] = useLocation();
  const fields = mapping.fields.filter(({ enabled, useForMatchBasedCoupling }) => enabled && useForMatchBasedCoupling);
  if (fields.length === 0)
    return <p className="faint">No field says which records are the same: choose one for that below.</p>;
  const start = async (dryRun: boolean): Promise<void> => {
    const done = await match.run({
      input: { mappingId: mapping.id, createIfNoMatch, synchronize: then === '' ? null : then, dryRun },
    });
    const run = done?.matchAndCouple.run;
    if (run) go(`/runs/${run.id}`);
  };
  return (
    <>
      <p className="soft">
        Records without a counterpart are the same when they agree in{' '}
        {fields.map(({ field, integrationField }) => field || integrationField).join(', ')}.
      </p>
      <div className="editor">
        <SelectField label="Couple what is the same" words={afterwards} value={then} onChange={setThen} />
      </div>
      <div className="actions">
        <CheckField label="Create where nothing matches" value={createIfNoMatch} onChange={setCreate} />
        <button type="button" disabled={match.running} onClick={() => void start(true)}>
          <Icon name="plan" />
          Plan the matching
        </button>
        <button type="button" disabled={match.running} onClick={() => void start(false)}>
          Match and couple
        </button>
      </div>
    </>
  );
}

function ByHand({ mapping }: { readonly mapping: Mapping }) {
  const [business, setBusiness] = useState<FoundRecord | null>(null);
  const [sales, setSales] = useState<FoundRecord | null>(null);
  const [then, setThen] = useState<Afterwards>('');
  const couple = useAction(CoupleRecords);
  const notify = useNotify();
  const [, go] = useLocation();
  const missing = business === null ? sales !== null : sales === null;
  const start = async (): Promise<void> => {
    const done = await couple.run({
      input: {
        mappingId: mapping.id,
        businessId: business?.recordId ?? null,
        salesId: sales?.recordId ?? null,
        createMissing: missing,
        synchronize: then === '' ? null : then,
      },
    });
    const coupling = done?.coupleRecords.coupling;
    if (!coupling) return;
    notify({ tone: 'good', text: `${coupling.title} is coupled.` });
    go(`/couplings/${coupling.id}`);
  };
  return (
    <>
      <div className="columns">
        <RecordPicker
          mappingId={mapping.id}
          side="BUSINESS"
          label="Business record"
          uncoupledOnly
          chosen={business}
          onChoose={setBusiness}
        />
        <RecordPicker
          mappingId={mapping.id}
          side="SALES"
          label="Dataverse record"
          uncoupledOnly
          chosen={sales}
          onChoose={setSales}
        />
      </div>
      <div className="editor">
        <SelectField label="Couple them" words={afterwards} value={then} onChange={setThen} />
      </div>
      <div className="actions">
        <button
          type="button"
          className="primary"
          disabled={couple.running || (business === null && sales === null)}
          onClick={() => void start()}
        >
          {missing ? 'Create the other one and couple' : 'Couple'}
        </button>
        {missing && <span className="soft">Only one is picked: its counterpart would be made.</span>}
      </div>
    </>
  );
}
