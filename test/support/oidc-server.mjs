/**
 * An OpenID Connect provider on loopback, with its own sign-in and consent pages, which take any
 * password. Its settings come by standard input: see oidc.ts.
 */
import { text } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';

const { port, issuer, clients, people } = JSON.parse(await text(process.stdin));
const provider = new Provider(issuer, {
  clients,
  claims: {
    openid: ['sub'],
    profile: ['preferred_username', 'groups'],
    email: ['email', 'email_verified'],
  },
  cookies: { keys: ['of this process alone'] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, id) =>
    people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  pkce: { required: () => true },
});
provider.listen(port, '127.0.0.1', () => console.log('the provider listens'));
