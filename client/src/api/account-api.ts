import {
  type SessionView,
  type TotpBegun,
  type TotpStatus,
  beginTotp,
  confirmTotp,
  endOtherSessions,
  endSession,
  listSessions,
  removeTotp,
  renewRecoveryCodes,
  totpState,
} from '../../../server/contract/index.ts';
import { GatewayClient } from '../../../server/gateway-client/gateway-client.ts';

const gateway = new GatewayClient({ url: location.origin });

/** The calls about the person's own account. Recovery codes are given this once. */
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
};
