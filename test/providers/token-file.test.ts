import assert from 'node:assert/strict';
import { parseTokenFile } from '../../server/providers/websockify/token-file.ts';
import { machinesOf } from '../../server/providers/websockify/token-machines.ts';

const targets = (text: string) => parseTokenFile(text).targets;

describe('a token file', () => {
  it('has a line for each token, comments, and whatever line ends', () => {
    const text =
      '\uFEFF# made by the panel\r\n\r\n  abc: kvm1:5901  \n#old: kvm1:5900\nd.e-f:\tnode-2.lan:5902';
    assert.deepEqual(targets(text), [
      { token: 'abc', host: 'kvm1', port: 5901 },
      { token: 'd.e-f', host: 'node-2.lan', port: 5902 },
    ]);
    assert.deepEqual(targets('münchen: münchen.example:5900')[0]?.host, 'münchen.example');
  });

  it('parts the address at its last colon: IPv6 stands with and without brackets', () => {
    for (const [line, host] of [
      ['t: 2001:db8::7:5900', '2001:db8::7'],
      ['t: [2001:db8::7]:5900', '2001:db8::7'],
      ['t: ::1:5900', '::1'],
      ['a:b: 10.0.0.1:5900', '10.0.0.1'],
    ] as const) {
      assert.equal(targets(line)[0]?.host, host, line);
    }
    assert.equal(targets('a:b: 10.0.0.1:5900')[0]?.token, 'a:b');
  });

  it('says which lines lead nowhere, by their numbers and not by their text', () => {
    const bad = [
      'no-colon',
      't:kvm1:5900',
      't: kvm1',
      't: kvm1:0',
      't: kvm1:65536',
      't: kvm1:59x',
      't: :5900',
      't: kvm1:5900 more',
      't: unix_socket:/run/vnc',
      't: ../../etc/passwd:5900',
      't: kvm 1:5900',
      ': kvm1:5900',
    ];
    const { targets: good, faulty } = parseTokenFile(['ok: kvm1:5900', ...bad].join('\n'));
    assert.equal(good.length, 1);
    assert.deepEqual(
      faulty,
      bad.map((_line, index) => index + 2),
    );
  });
});

describe('token files together', () => {
  const file = (name: string, writtenAt: number, text: string) => ({
    ...{ name, writtenAt, mark: '' },
    targets: targets(text),
  });
  const view = ({ byId, byToken }: ReturnType<typeof machinesOf>) => ({
    machines: [...byId.values()].map(({ id, target }) => `${id} at ${target.host}:${target.port}`),
    tokens: byToken.size,
  });

  it('are a machine each: the newest token of a machine wins', () => {
    const files = [
      file('one-2', 1, 'new-token: kvm2:5902'),
      file('one-1', 2, 'old-token: kvm1:5901\nnew-token: kvm1:5911'),
    ];
    assert.deepEqual(view(machinesOf(files, 'files')), {
      machines: ['one-2 at kvm2:5902', 'one-1 at kvm1:5911'],
      tokens: 1,
    });
    assert.equal([...machinesOf(files, 'files').byToken.values()][0]?.id, 'one-1');
  });

  it('are a machine for each line, whose id is of its address and not of a token', () => {
    const files = [
      file('b', 2, 'second: kvm1:5901\nthird: [2001:db8::1]:5900'),
      file('a', 1, 'first: kvm1:5901'),
    ];
    const machines = machinesOf(files, 'lines');
    assert.deepEqual(view(machines), {
      machines: ['kvm1-5901 at kvm1:5901', '2001-db8-1-5900-e7176abcc3 at 2001:db8::1:5900'],
      tokens: 2,
    });
  });
});
