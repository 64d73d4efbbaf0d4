import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'mocha';
import type { TunnelEnd, TunnelGrant } from '../../server/consoles/tunnel-port.ts';
import {
  diagnoseDisconnect,
  diagnoseError,
  diagnoseLostGuacd,
  diagnoseRequired,
} from '../../server/tunnel/diagnosis.ts';
import { probe, type ProbeResult } from '../../server/tunnel/probe.ts';
import { SECRET, testGrant } from './support/test-gateway.ts';

interface Case extends Partial<TunnelGrant> {
  readonly pictured?: boolean;
  readonly typed?: boolean;
  readonly found?: ProbeResult;
}

function symptom({ pictured = false, typed = false, found, ...changes }: Case) {
  return {
    grant: testGrant(changes),
    pictured,
    typed,
    probeTime: 1000,
    probe: async (): Promise<ProbeResult> => found ?? assert.fail('nothing was to be probed'),
  };
}

function checked(end: TunnelEnd): string {
  assert.match(end.message, /^lab:desk: [a-z]/);
  assert.equal(end.message.includes(SECRET), false);
  return end.status;
}

const error = async (guacamole: number, facts: Case = {}) =>
  checked(await diagnoseError(symptom(facts), guacamole));

describe('diagnosis', () => {
  it('tells a refused VNC connection from a refused password by looking at the port', async () => {
    assert.equal(await error(519, { found: 'refused' }), 'target_unreachable');
    assert.equal(await error(519, { found: 'unresolvable' }), 'target_unreachable');
    assert.equal(await error(519, { found: 'silent' }), 'target_unreachable');
    assert.equal(await error(519, { found: 'answers' }), 'target_credentials_refused');
    const end = await diagnoseError(symptom({ found: 'answers' }), 519);
    assert.match(end.message, /probably because of the password/);
  });

  it('does not blame the password where guacd tells it from a refusal', async () => {
    for (const protocol of ['ssh', 'telnet', 'rdp'] as const) {
      assert.equal(await error(519, { protocol, found: 'refused' }), 'target_unreachable');
      assert.equal(await error(519, { protocol, found: 'answers' }), 'target_refused');
      assert.equal(await error(769, { protocol }), 'target_credentials_refused');
    }
  });

  it('says of what a person has typed that it is wrong, so that they type it again', async () => {
    const typed = { typed: true, found: 'answers' } as const;
    assert.equal(await error(519, typed), 'target_credentials_wrong');
    assert.equal(await error(519, { ...typed, protocol: 'rdp' }), 'target_credentials_wrong');
    assert.equal(await error(769, { ...typed, protocol: 'rdp' }), 'target_credentials_wrong');
    assert.equal(await error(519, { typed: true, found: 'refused' }), 'target_unreachable');
  });

  it('looks at no bridge, and leaves the explanation to whoever knows more', async () => {
    for (const guacamole of [256, 512, 515, 519]) {
      assert.equal(await error(guacamole, { bridged: true }), 'target_unreachable');
    }
    assert.equal(await error(519, { bridged: true, pictured: true }), 'target_lost');
    const lost = await diagnoseDisconnect(symptom({ bridged: true }));
    assert.equal(checked(lost), 'target_unreachable');
    assert.equal(lost.vague, true);
  });

  it('says when it looked from elsewhere than guacd stands, and does not look in vain', async () => {
    const remote = { guacd: { host: '10.1.2.3', port: 4822 }, found: 'refused' } as const;
    assert.match((await diagnoseError(symptom(remote), 519)).message, /as seen from the gateway/);
    for (const name of ['dest-host', 'gateway-hostname', 'reverse-connect']) {
      const parameters = { hostname: 'target', [name]: 'elsewhere' };
      assert.equal(await error(519, { parameters }), 'target_unreachable');
    }
    assert.equal(await error(519, { parameters: {} }), 'target_unreachable');
    assert.equal(await error(519, { found: 'mute' }), 'target_unreachable');
    const parameters = { hostname: 'target', 'reverse-connect': 'false' };
    assert.equal(await error(519, { parameters, found: 'refused' }), 'target_unreachable');
  });

  it('looks at the port that guacd takes where none is given', async () => {
    const asked: unknown[] = [];
    for (const protocol of ['vnc', 'ssh', 'telnet', 'rdp'] as const) {
      const parameters = { hostname: 'target', port: '' };
      const facts = { ...symptom({ protocol, parameters }), probe: ask };
      await diagnoseError(facts, 519);
    }
    function ask(address: unknown): Promise<ProbeResult> {
      asked.push(address);
      return Promise.resolve('refused');
    }
    const ports = [5900, 22, 23, 3389];
    assert.deepEqual(
      asked,
      ports.map((port) => ({ host: 'target', port })),
    );
  });

  it('means by 512 and 515 what they mean before and after a picture', async () => {
    assert.equal(await error(512, { found: 'answers' }), 'target_unsupported');
    assert.equal(await error(512, { found: 'unresolvable' }), 'target_unreachable');
    const parameters = { hostname: 'repeater', 'dest-host': 'target' };
    assert.equal(await error(512, { parameters }), 'target_unsupported');
    assert.equal(await error(512, { pictured: true }), 'target_lost');
    assert.equal(await error(515, { found: 'answers', protocol: 'ssh' }), 'target_refused');
    assert.equal(await error(515, { found: 'refused' }), 'target_unreachable');
    assert.equal(await error(515, { pictured: true }), 'target_lost');
    assert.equal(await error(519, { pictured: true, found: 'answers' }), 'target_lost');
  });

  it('has a status for every number that guacd may send, and for none', async () => {
    assert.equal(await error(514), 'target_timeout');
    assert.equal(await error(521), 'target_busy');
    assert.equal(await error(513), 'target_busy');
    assert.equal(await error(776), 'client_timeout');
    assert.equal(await error(523), 'console_ended');
    assert.equal(await error(0), 'console_ended');
    for (const unknown of [1, 520, 9999, Number.NaN]) {
      assert.equal(await error(unknown), 'target_refused');
      assert.equal(await error(unknown, { pictured: true }), 'target_lost');
    }
  });

  it('knows an end from a loss by the picture, and from a refusal by the port', async () => {
    const disconnected = async (facts: Case) => checked(await diagnoseDisconnect(symptom(facts)));
    assert.equal(await disconnected({ pictured: true }), 'console_ended');
    assert.equal(await disconnected({ found: 'answers' }), 'target_lost');
    assert.equal(await disconnected({ found: 'refused' }), 'target_unreachable');
  });

  it('names the credentials that a machine asks for', () => {
    const end = diagnoseRequired(symptom({}), ['password']);
    assert.equal(checked(end), 'target_credentials_refused');
    assert.match(end.message, /asks for password/);
  });

  it('knows a lost session from a lost guacd by whether guacd answers', async () => {
    const lost = async (found: ProbeResult) =>
      checked(await diagnoseLostGuacd(symptom({ found, pictured: true }), 'ended'));
    assert.equal(await lost('answers'), 'target_lost');
    for (const found of ['refused', 'silent', 'unresolvable'] as const) {
      assert.equal(await lost(found), 'guacd_lost');
    }
  });

  it('looks at the machine where a session was lost before its first picture', async () => {
    const facts = (machine: ProbeResult) => ({
      ...symptom({}),
      probe: (address: object): Promise<ProbeResult> =>
        Promise.resolve('port' in address && address.port === 4822 ? 'answers' : machine),
    });
    const lost = async (machine: ProbeResult) =>
      checked(await diagnoseLostGuacd(facts(machine), 'ended'));
    assert.equal(await lost('refused'), 'target_unreachable');
    assert.equal(await lost('answers'), 'target_lost');
  });
});

describe('the probe', () => {
  it('tells a server that greets from a port that only accepts', async () => {
    const greetings = ['RFB 003.008\n', 'HTTP/1.1 400 Bad Request\r\n', null, ''];
    const found: ProbeResult[] = [];
    for (const greeting of greetings) {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        // An empty greeting hangs up, none at all says nothing.
        if (greeting !== null) socket.end(greeting);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      found.push(await probe({ host: '127.0.0.1', port }, 200, 'RFB '));
      server.close();
    }
    assert.deepEqual(found, ['answers', 'mute', 'mute', 'mute']);
  });

  it('tells a listening port from a closed one and from a name that is none', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    assert.equal(await probe({ host: '127.0.0.1', port }, 1000), 'answers');
    server.close();
    await once(server, 'close');
    assert.equal(await probe({ host: '127.0.0.1', port }, 1000), 'refused');
    assert.equal(await probe({ host: 'no-such-host.invalid', port }, 5000), 'unresolvable');
    assert.equal(await probe({ path: '/nonexistent/socket' }, 1000), 'refused');
  });
});
