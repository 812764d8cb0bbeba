import type { ConnectorFeatures } from '../../../src/connectors/connector.js';
import {
  type FaultHook,
  InMemoryConnector,
  type InMemoryRequest,
} from '../../../src/connectors/in-memory/in-memory-connector.js';
import type { FieldMetadata, FieldType, TableMetadata } from '../../../src/mapping/field-value.js';
import { type ContractSystem, connectorContract } from './contract.js';

const field = (name: string, type: FieldType, more: Partial<FieldMetadata> = {}): [string, FieldMetadata] => [
  name,
  {
    name,
    label: name,
    type,
    nativeType: type,
    maxLength: null,
    scale: null,
    nullable: true,
    readOnly: false,
    target: null,
    options: [],
    ...more,
  },
];

const firms: TableMetadata = {
  name: 'firms',
  label: 'Firms',
  keyField: 'id',
  fields: new Map([
    field('id', 'GUID', { readOnly: true }),
    field('title', 'TEXT', { maxLength: 100 }),
    field('phone', 'TEXT', { maxLength: 30 }),
    field('amount', 'DECIMAL'),
    field('kind', 'OPTION', { options: [{ value: '3', label: 'Customer' }] }),
  ]),
};

const isWrite = ({ operation }: InMemoryRequest) => operation !== null;

function openWith(features: ConnectorFeatures): () => Promise<ContractSystem> {
  return async () => {
    let reads = 0;
    let fault: FaultHook = () => 'pass';
    const connector = new InMemoryConnector({
      tables: [{ metadata: firms }],
      features,
      pageSize: 50,
      fault: (request, when) => {
        if (when === 'before' && !isWrite(request)) reads += 1;
        return fault(request, when);
      },
    });
    const person = {
      create: async (values: Parameters<typeof connector.insert>[1]) => connector.insert('firms', values).id,
      edit: async (id: string, values: Parameters<typeof connector.insert>[1]) =>
        void connector.edit('firms', id, values),
      remove: async (id: string) => connector.remove('firms', id),
    };
    for (let number = 0; number < 120; number += 1) await person.create({ title: `Firm ${number}` });
    const once = (strikes: (request: InMemoryRequest, when: 'before' | 'after') => boolean): void => {
      let struck = false;
      fault = (request, when) => {
        if (struck || !strikes(request, when)) return 'pass';
        struck = true;
        return 'lose';
      };
    };
    return {
      connector,
      pageSize: 50,
      person,
      table: {
        name: 'firms',
        fields: { title: 'title', phone: 'phone', amount: 'amount', option: 'kind' },
        option: '3',
        tooLong: 101,
      },
      faults: {
        loseWrite: async (when) => once((request, at) => isWrite(request) && at === when),
        breakNextRead: async () => once((request) => !isWrite(request)),
        hangReads: async () => {
          const hanging = new Promise<void>((resolve) => {
            fault = () => {
              resolve();
              return new Promise<never>(() => undefined);
            };
          });
          return { hanging };
        },
        throttleWrite: null,
        expireCursors: async () => connector.expireCursors(),
        ageCursors: null,
        clear: async () => {
          fault = () => 'pass';
        },
      },
      readsSoFar: async () => reads,
      close: () => connector.close(),
    };
  };
}

const likeDataverse: ConnectorFeatures = {
  changeTracking: true,
  deletions: true,
  batch: true,
  bulkWrite: true,
  clientAssignedIds: true,
  changeTimes: 'MOMENT',
};
const likeBusinessCentral: ConnectorFeatures = {
  changeTracking: false,
  deletions: false,
  batch: true,
  bulkWrite: false,
  clientAssignedIds: false,
  changeTimes: 'MOMENT',
};

connectorContract('in memory, like Dataverse', openWith(likeDataverse), likeDataverse);
connectorContract('in memory, like Business Central', openWith(likeBusinessCentral), likeBusinessCentral);
