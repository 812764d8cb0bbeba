import type { EndpointAccess } from './connector.js';

/**
 * Whether a system keeps the id of a record as long as the record exists. Declared by the kind, so that it is known without
 * asking the system: Dynamics NAV knows a record by its primary key, which people can change.
 */
export const keepsIds: Readonly<Record<EndpointAccess['kind'], boolean>> = {
  BUSINESS_CENTRAL: true,
  NAV_ODATA: false,
  DATAVERSE: true,
};
