export { GatewayClient, type GatewayClientOptions } from './gateway-client.ts';
export { GatewayClientError, type GatewayErrorCode } from './gateway-client-error.ts';
