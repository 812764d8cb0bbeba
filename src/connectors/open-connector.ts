import { BusinessCentralConnector } from './business-central/business-central-connector.js';
import { type Connector, ConnectorError, type EndpointAccess } from './connector.js';
import { DataverseConnector } from './dataverse/dataverse-connector.js';
import type { ConnectorOptions } from './odata/options.js';

/** Opens the connector for a system. Asks nothing of it yet. Throws ConnectorError CONFIGURATION for what cannot be used. */
export function openConnector(access: EndpointAccess, options: ConnectorOptions = {}): Connector {
  switch (access.kind) {
    case 'DATAVERSE':
      return new DataverseConnector(access, options);
    case 'BUSINESS_CENTRAL':
      return new BusinessCentralConnector(access, options);
    case 'NAV_ODATA':
      throw new ConnectorError(
        'NAV 2018 page web services are not supported yet; use a Business Central or Dataverse address',
        {
          errorClass: 'CONFIGURATION',
          code: 'NOT_SUPPORTED',
        },
      );
  }
}
