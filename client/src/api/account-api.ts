import {
  type ApiTokenView,
  type CreateApiTokenRequest,
  type CreatedApiToken,
  type SessionView,
  type TotpBegun,
  type TotpStatus,
  beginTotp,
  confirmTotp,
  createApiToken,
  endOtherSessions,
  endSession,
  listApiTokens,
  listSessions,
  removeTotp,
  renewRecoveryCodes,
  revokeApiToken,
  totpState,
} from '../../../server/contract/index.ts';
import { GatewayClient } from '../../../server/gateway-client/gateway-client.ts';

const gateway = new GatewayClient({ url: location.origin });

/** The calls about the person's own account. Recovery codes and tokens are given this once. */
export const accountApi = {
  totp: (): Promise<TotpStatus> => gateway.call(totpState),

  beginTotp: (password: string): Promise<TotpBegun> =>
    gateway.call(beginTotp, { body: { password } }),

  confirmTotp: async (code: string): Promise<readonly string[]> =>
    (await gateway.call(confirmTotp, { body: { code } })).recoveryCodes,

  renewCodes: async (proof: { password: string; code: string }): Promise<readonly string[]> =>
    (await gateway.call(renewRecoveryCodes, { body: proof })).recoveryCodes,

  removeTotp: (proof: { password: string; code: string }): Promise<void> =>
    gateway.call(removeTotp, { body: proof }),

  sessions: async (): Promise<readonly SessionView[]> => (await gateway.call(listSessions)).items,

  endSession: (id: string): Promise<void> => gateway.call(endSession, { params: { id } }),

  endOtherSessions: (): Promise<void> => gateway.call(endOtherSessions),

  /** All of this owner's: administrators may see others' too. */
  tokens: async (owner: string): Promise<readonly ApiTokenView[]> => {
    const tokens: ApiTokenView[] = [];
    for await (const token of gateway.all(listApiTokens, { query: { owner } })) tokens.push(token);
    return tokens;
  },

  makeToken: (wish: CreateApiTokenRequest): Promise<CreatedApiToken> =>
    gateway.call(createApiToken, { body: wish }),

  revokeToken: (id: string): Promise<void> => gateway.call(revokeApiToken, { params: { id } }),
};
