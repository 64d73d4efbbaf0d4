import { begin, enrol } from '../../integration/support/people.ts';
import { API_TOKENS, PASSWORDS } from '../../support/gateway.ts';
import { sessionList } from '../../../server/contract/index.ts';
import { type Call, LINK_TOKEN, MIRROR, PIN, type Scene } from './scene.ts';

type Prepared = (scene: Scene) => Call | Promise<Call>;

const NONE = { id: 'no-such-console' };
const VAULT = { machine: 'lab:vault' };
const { portal, customer } = API_TOKENS;

/**
 * Calls of every operation, by its name; the first of each succeeds. Who adds an operation adds how it
 * is called and how it is refused.
 */
export const CALLS: Readonly<Record<string, readonly Prepared[]>> = {
  login: [
    () => ({ body: { username: 'alice', password: PASSWORDS.alice }, answers: 200 }),
    () => ({ body: { username: 'alice', password: 'wrong' }, answers: 'credentials_invalid' }),
  ],
  logout: [
    () => ({ answers: 204 }),
    () => ({ headers: { origin: 'https://evil.example' }, answers: 'cross_site' }),
  ],
  whoAmI: [() => ({ answers: 200 }), () => ({ as: null, answers: 'unauthenticated' })],
  waysToSignIn: [() => ({ answers: 200 })],
  beginOidc: [
    () => ({ params: { id: 'sso' }, answers: 303 }),
    () => ({ params: { id: 'none' }, answers: 'not_found' }),
  ],
  finishOidc: [
    async (scene) => {
      return { ...(await scene.fromProvider()), params: { id: 'sso' }, answers: 303 };
    },
    async (scene) => {
      const { query } = await scene.fromProvider();
      return { query, params: { id: 'sso' }, answers: 'sign_in_expired' };
    },
    () => ({ params: { id: 'none' }, answers: 'not_found' }),
  ],
  totpState: [
    async (scene) => ({ by: await scene.browserOf('bob'), answers: 200 }),
    () => ({ answers: 'forbidden' }),
    () => ({ as: null, answers: 'unauthenticated' }),
  ],
  beginTotp: [
    async (scene) => {
      const by = await scene.browserOf('bob');
      return { by, body: { password: PASSWORDS.bob }, answers: 201 };
    },
    async (scene) => {
      const by = await scene.browserOf('bob');
      return { by, body: { password: 'wrong' }, answers: 'credentials_invalid' };
    },
  ],
  confirmTotp: [
    async (scene) => {
      const by = await scene.browserOf('bob');
      const { app } = await begin(by, 'bob');
      return { by, body: { code: app.code() }, answers: 200 };
    },
    async (scene) => {
      const by = await scene.browserOf('bob');
      return { by, body: { code: '000000' }, answers: 'totp_not_begun' };
    },
  ],
  renewRecoveryCodes: [
    async (scene) => ({ ...(await proven(scene)), answers: 200 }),
    async (scene) => ({ ...(await unproven(scene)), answers: 'totp_not_active' }),
  ],
  removeTotp: [
    async (scene) => ({ ...(await proven(scene)), answers: 204 }),
    async (scene) => ({ ...(await unproven(scene)), answers: 'totp_not_active' }),
  ],
  resetTotp: [
    async (scene) => {
      await proven(scene);
      return { by: await scene.browserOf('admin'), params: { name: 'bob' }, answers: 204 };
    },
    async (scene) => ({
      by: await scene.browserOf('admin'),
      params: { name: 'nobody' },
      answers: 'totp_not_active',
    }),
    () => ({ params: { name: 'bob' }, answers: 'forbidden' }),
  ],
  forgetUser: [
    async (scene) => {
      const params = { id: 'sso', name: 'zoe' };
      await scene.send('finishOidc', { ...(await scene.fromProvider()), params });
      return { by: await scene.browserOf('admin'), params, answers: 204 };
    },
    async (scene) => ({
      by: await scene.browserOf('admin'),
      params: { name: 'nobody' },
      answers: 'not_found',
    }),
    () => ({ params: { name: 'zoe' }, answers: 'forbidden' }),
  ],
  listSessions: [async (scene) => ({ by: await scene.browserOf('bob'), answers: 200 })],
  endSession: [
    async (scene) => {
      const by = await scene.browserOf('bob');
      const { body } = await by.get('/api/v1/me/sessions');
      const [params] = sessionList.parse(body).items;
      return { by: await scene.browserOf('bob'), params: params ?? {}, answers: 204 };
    },
    async (scene) => ({
      by: await scene.browserOf('bob'),
      params: { id: 'none' },
      answers: 'session_not_found',
    }),
  ],
  endOtherSessions: [async (scene) => ({ by: await scene.browserOf('bob'), answers: 204 })],
  createApiToken: [
    async (scene) => {
      const body = { name: 'ci', actions: ['open'], machines: ['lab:*'], expiresIn: 3600 };
      return { by: await scene.browserOf('alice'), body, answers: 201 };
    },
    () => ({ body: { name: 'ci' }, answers: 'forbidden' }),
  ],
  listApiTokens: [
    async (scene) => {
      await scene.apiToken();
      return { by: await scene.browserOf('alice'), answers: 200 };
    },
  ],
  revokeApiToken: [
    async (scene) => {
      const params = await scene.apiToken();
      return { by: await scene.browserOf('alice'), params, answers: 204 };
    },
    async (scene) => ({
      by: await scene.browserOf('alice'),
      params: { id: 'none' },
      answers: 'api_token_not_found',
    }),
  ],
  listMachines: [
    () => ({ query: { q: 'desk', limit: '1' }, answers: 200 }),
    () => ({ as: null, answers: 'unauthenticated' }),
  ],
  getMachine: [
    () => ({ params: { id: 'lab:desk' }, answers: 200 }),
    () => ({ params: { id: 'lab:none' }, answers: 'machine_not_found' }),
    () => ({ params: { id: 'away:1' }, answers: 'provider_unavailable' }),
    () => ({ params: { id: 'lab:shop' }, as: customer, answers: 'machine_not_found' }),
  ],
  syncMachines: [
    () => ({ body: { provider: 'lab' }, answers: 202 }),
    () => ({ body: { provider: 'none' }, answers: 'not_found' }),
    () => ({ body: {}, as: customer, answers: 'forbidden' }),
  ],
  switchMachine: [
    () => ({ params: { id: 'lab:shop' }, body: { action: 'on' }, answers: 202 }),
    () => ({ params: { id: 'lab:desk' }, body: { action: 'on' }, answers: 'power_unavailable' }),
  ],
  bootOnce: [
    () => ({ params: { id: 'metal:node' }, body: { device: 'pxe' }, answers: 202 }),
    () => ({ params: { id: 'lab:desk' }, body: { device: 'cd' }, answers: 'power_unavailable' }),
    () => ({ params: { id: 'lab:none' }, body: { device: 'cd' }, answers: 'machine_not_found' }),
  ],
  identifyMachine: [
    () => ({ params: { id: 'metal:node' }, body: { on: true }, answers: 202 }),
    () => ({ params: { id: 'lab:desk' }, body: { on: true }, answers: 'power_unavailable' }),
  ],
  showMedia: [
    () => ({ params: { id: 'metal:node' }, answers: 200 }),
    () => ({ params: { id: 'lab:desk' }, answers: 'media_unavailable' }),
  ],
  insertMedia: [
    (scene) => {
      scene.emptyDrives();
      const body = { url: 'http://mirror.example/rescue.iso' };
      return { params: { id: 'metal:node' }, body, answers: 200 };
    },
    () => ({
      params: { id: 'metal:node' },
      body: { image: 'a.iso' },
      answers: 'media_unavailable',
    }),
    () => ({ params: { id: 'metal:node' }, body: {}, answers: 'invalid_request' }),
  ],
  ejectMedia: [
    () => ({ params: { id: 'metal:node', drive: 'CD' }, answers: 204 }),
    () => ({ params: { id: 'metal:node', drive: 'tape' }, answers: 'media_unavailable' }),
  ],
  fetchConsoleFile: [
    (scene) => ({ params: scene.virtual, body: {}, answers: 200 }),
    () => ({ params: { id: 'lab:desk' }, body: {}, answers: 'console_kind_unavailable' }),
    () => ({ params: { id: 'lab:vault' }, body: {}, answers: 'forbidden' }),
    () => ({ params: { id: 'lab:none' }, body: {}, answers: 'machine_not_found' }),
  ],
  openConsole: [
    () => ({ body: { machine: 'lab:desk', kind: 'vnc', ttl: 60 }, answers: 201 }),
    () => ({ body: { machine: 'lab:none' }, answers: 'machine_not_found' }),
    () => ({ body: { machine: 'away:1' }, answers: 'provider_unavailable' }),
    () => ({ body: { machine: 'lab:desk', kind: 'rdp' }, answers: 'console_kind_unavailable' }),
    () => ({ body: { machine: 'lab:shop' }, as: customer, answers: 'forbidden' }),
  ],
  listConsoles: [
    async (scene) => {
      await scene.open();
      return { query: { limit: '200' }, answers: 200 };
    },
  ],
  getConsole: [
    async (scene) => ({ params: await scene.open(), answers: 200 }),
    () => ({ params: NONE, answers: 'console_not_found' }),
    async (scene) => ({
      params: await scene.open({ machine: 'lab:shop' }),
      as: customer,
      answers: 'forbidden',
    }),
  ],
  watchConsole: [
    async (scene) => {
      const params = await scene.open();
      await scene.send('closeConsole', { params });
      return { params, answers: 200 };
    },
    () => ({ params: NONE, answers: 'console_not_found' }),
  ],
  redeemConsole: [
    async (scene) => {
      const params = await scene.open();
      return { params, body: { key: params.launchKey }, answers: 200 };
    },
    async (scene) => {
      const params = await scene.redeemed();
      return { params, body: { key: params.launchKey }, answers: 'launch_key_used' };
    },
    async (scene) => ({
      params: await scene.open(),
      body: { key: 'wrong' },
      answers: 'launch_key_invalid',
    }),
  ],
  connectConsole: [
    async (scene) => {
      const params = await scene.redeemed();
      return { params, as: params.bearer, body: { timezone: 'Europe/Berlin' }, answers: 200 };
    },
    async (scene) => ({ params: await scene.redeemed(), as: portal, answers: 'forbidden' }),
  ],
  showConsoleMachine: [
    async (scene) => ({ ...(await onBehalf(scene, 'metal:node')), answers: 200 }),
    async (scene) => ({ params: await scene.redeemed(), as: portal, answers: 'forbidden' }),
    () => ({ params: NONE, answers: 'console_not_found' }),
  ],
  switchConsoleMachine: [
    async (scene) => ({
      ...(await onBehalf(scene, 'lab:shop')),
      body: { action: 'on' },
      answers: 202,
    }),
    async (scene) => ({
      ...(await onBehalf(scene)),
      body: { action: 'on' },
      answers: 'power_unavailable',
    }),
    async (scene) => {
      const params = await scene.redeemed();
      return { params, as: portal, body: { action: 'on' }, answers: 'forbidden' };
    },
  ],
  bootConsoleMachine: [
    async (scene) => ({
      ...(await onBehalf(scene, 'metal:node')),
      body: { device: 'cd' },
      answers: 202,
    }),
    async (scene) => ({
      ...(await onBehalf(scene)),
      body: { device: 'cd' },
      answers: 'power_unavailable',
    }),
  ],
  identifyConsoleMachine: [
    async (scene) => ({
      ...(await onBehalf(scene, 'metal:node')),
      body: { on: false },
      answers: 202,
    }),
    async (scene) => ({
      ...(await onBehalf(scene)),
      body: { on: true },
      answers: 'power_unavailable',
    }),
  ],
  showConsoleMedia: [
    async (scene) => ({ ...(await onBehalf(scene, 'metal:node')), answers: 200 }),
    async (scene) => ({ ...(await onBehalf(scene)), answers: 'media_unavailable' }),
  ],
  insertConsoleMedia: [
    async (scene) => {
      scene.emptyDrives();
      const body = { url: `${MIRROR}rescue.iso` };
      return { ...(await onBehalf(scene, 'metal:node')), body, answers: 200 };
    },
    async (scene) => ({
      ...(await onBehalf(scene, 'metal:node')),
      body: { image: 'a.iso' },
      answers: 'media_unavailable',
    }),
    async (scene) => ({
      ...(await onBehalf(scene, 'metal:node')),
      body: { url: 'http://10.0.0.1/inside.iso' },
      answers: 'forbidden',
    }),
  ],
  ejectConsoleMedia: [
    async (scene) => {
      const { params, as } = await onBehalf(scene, 'metal:node');
      return { params: { ...params, drive: 'CD' }, as, answers: 204 };
    },
    async (scene) => {
      const { params, as } = await onBehalf(scene, 'metal:node');
      return { params: { ...params, drive: 'tape' }, as, answers: 'media_unavailable' };
    },
  ],
  extendConsole: [
    async (scene) => ({ params: await scene.open(), body: { seconds: 60 }, answers: 200 }),
    async (scene) => {
      const params = await scene.open({ machine: 'lab:desk', ttl: 28_800 });
      return { params, answers: 'extension_exhausted' };
    },
    async (scene) => {
      const params = await scene.open();
      await scene.send('closeConsole', { params });
      return { params, answers: 'console_killed' };
    },
  ],
  closeConsole: [
    async (scene) => ({ params: await scene.open(), answers: 204 }),
    () => ({ params: NONE, answers: 'console_not_found' }),
  ],
  listApprovals: [
    async (scene) => {
      await scene.open(VAULT);
      return { by: await scene.browserOf('admin'), query: { limit: '5' }, answers: 200 };
    },
  ],
  approveConsole: [
    async (scene) => {
      const params = await scene.open(VAULT);
      return { by: await scene.browserOf('admin'), params, body: {}, answers: 200 };
    },
    async (scene) => ({ params: await scene.open(VAULT), body: {}, answers: 'forbidden' }),
  ],
  refuseConsole: [
    async (scene) => {
      const params = await scene.open(VAULT);
      const body = { detail: 'not today' };
      return { by: await scene.browserOf('admin'), params, body, answers: 200 };
    },
    async (scene) => {
      const params = await scene.open(VAULT);
      const by = await scene.browserOf('admin');
      await scene.send('approveConsole', { by, params });
      return { by, params, body: {}, answers: 'approval_settled' };
    },
  ],
  listAudit: [
    async (scene) => {
      await scene.open();
      return { by: await scene.browserOf('admin'), query: { limit: '5' }, answers: 200 };
    },
    () => ({ answers: 'forbidden' }),
  ],
  shareConsole: [
    async (scene) => {
      const params = await scene.redeemed();
      const body = { readOnly: false, ttl: 60, passphrase: 'open sesame' };
      return { params, as: params.bearer, body, answers: 201 };
    },
    async (scene) => {
      const params = await scene.viewer();
      return { params, as: params.bearer, body: {}, answers: 'forbidden' };
    },
    async (scene) => {
      const params = await scene.open();
      await scene.send('closeConsole', { params });
      return { params, answers: 'console_killed' };
    },
  ],
  listShares: [
    async (scene) => {
      const params = await scene.shared();
      return { params, as: params.bearer, answers: 200 };
    },
    async (scene) => {
      const params = await scene.viewer();
      return { params, as: params.bearer, answers: 'forbidden' };
    },
  ],
  revokeShare: [
    async (scene) => {
      const params = await scene.shared();
      return { params, as: params.bearer, answers: 204 };
    },
    async (scene) => {
      const params = await scene.shared();
      return { params: { ...params, share: 'none' }, as: params.bearer, answers: 'not_found' };
    },
  ],
  giveControl: [
    async (scene) => {
      const params = await scene.redeemed();
      return { params, as: params.bearer, body: { to: 'holder' }, answers: 200 };
    },
    async (scene) => {
      const params = await scene.viewer();
      return { params, as: params.bearer, body: { to: 'holder' }, answers: 'forbidden' };
    },
    async (scene) => ({
      params: await scene.redeemed(),
      body: { to: 'holder' },
      answers: 'forbidden',
    }),
  ],
  launch: [
    async (scene) => ({ query: { jwt: await scene.link() }, answers: 303 }),
    () => ({ query: { jwt: 'none' }, answers: 'launch_link_invalid' }),
    async (scene) => ({
      query: { jwt: await scene.link({ exp: 1 }) },
      answers: 'launch_link_expired',
    }),
    async (scene) => {
      const query = { jwt: await scene.link() };
      await scene.send('launch', { query });
      return { query, answers: 'launch_link_used' };
    },
    async (scene) => ({
      query: { jwt: await scene.link({ machine: 'lab:none' }) },
      answers: 'machine_not_found',
    }),
    async (scene) => ({
      query: { jwt: await scene.link({ kind: 'spice' }) },
      answers: 'invalid_request',
    }),
  ],
  followTokenLink: [
    () => ({ query: { token: LINK_TOKEN, view_only: 'true' }, answers: 303 }),
    () => ({ query: { token: 'none' }, answers: 'launch_link_invalid' }),
  ],
  followAutoTokenLink: [
    () => ({ query: { path: `websockify?token=${LINK_TOKEN}` }, answers: 303 }),
    () => ({ query: { path: 'websockify' }, answers: 'launch_link_invalid' }),
  ],
  followLiteTokenLink: [
    () => ({ query: { token: LINK_TOKEN, host: 'a', port: '1' }, answers: 303 }),
    () => ({ query: {}, answers: 'launch_link_invalid' }),
  ],
  openByForm: [
    () => ({ form: { action: 'novnc', token: portal, id: '10007', pin: PIN }, answers: 200 }),
    () => ({ form: { action: 'novnc', token: portal, id: '10007', pin: 'no' }, answers: 200 }),
    () => ({ form: {}, answers: 200 }),
    () => ({ headers: { origin: 'https://evil.example' }, answers: 'cross_site' }),
  ],
  isAlive: [() => ({ answers: 200 })],
  isReady: [() => ({ answers: 200 }), async (scene) => ({ at: await scene.lame(), answers: 503 })],
  describeApi: [() => ({ answers: 200 })],
};

/** Somebody with one-time codes, who brings all that it takes to change them. */
async function proven(scene: Scene): Promise<Pick<Call, 'by' | 'body'>> {
  const by = await scene.browserOf('bob');
  const [code] = (await enrol(by, 'bob')).codes;
  return { by, body: { password: PASSWORDS.bob, code } };
}

/** Somebody without. */
async function unproven(scene: Scene): Promise<Pick<Call, 'by' | 'body'>> {
  const body = { password: PASSWORDS.bob, code: '000000' };
  return { by: await scene.browserOf('bob'), body };
}

/** What whoever holds a console of this machine brings. */
async function onBehalf(scene: Scene, machine?: string) {
  const params = await scene.redeemed(machine);
  return { params, as: params.bearer };
}
