import { BusinessCentralConnector } from './business-central/business-central-connector.js';
import type { Connector, EndpointAccess } from './connector.js';
import { DataverseConnector } from './dataverse/dataverse-connector.js';
import { NavConnector } from './nav/nav-connector.js';
import type { ConnectorOptions } from './odata/options.js';
import { onSide } from './on-side.js';

/**
 * Opens the connector for a system; its errors tell the side. Asks nothing of it yet. Throws ConnectorError CONFIGURATION for
 * what cannot be used.
 */
export const openConnector = (access: EndpointAccess, options: ConnectorOptions = {}): Connector =>
  onSide(connectorOf(access, options), access.kind === 'DATAVERSE' ? 'SALES' : 'BUSINESS');

function connectorOf(access: EndpointAccess, options: ConnectorOptions): Connector {
  switch (access.kind) {
    case 'DATAVERSE':
      return new DataverseConnector(access, options);
    case 'BUSINESS_CENTRAL':
      return new BusinessCentralConnector(access, options);
    case 'NAV_ODATA':
      return new NavConnector(access, options);
  }
}
