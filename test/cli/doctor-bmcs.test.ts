import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { checkImages } from '../../server/cli/doctor/check-images.ts';
import { checkScreens } from '../../server/cli/doctor/check-screens.ts';
import { parseConfig } from '../../server/config.ts';
import { freePort } from '../../server/platform/ports.ts';
import { RedfishSimulator } from '../simulators/redfish.ts';
import { cleanUp } from '../support/dispose.ts';
import { IpmiPeer } from '../support/ipmi.ts';
import { logBook } from '../support/log-book.ts';
import { type TempDir, makeTempDir } from '../support/temp-dir.ts';
import { examine } from './support/examine.ts';

const NO_CLI = '/nowhere/docker';

describe('rackside doctor, of BMCs', function () {
  this.timeout(60_000);
  const parts = cleanUp();
  let dir: TempDir;
  let bmc: RedfishSimulator;
  let ipmi: IpmiPeer;

  before(async () => {
    [dir, bmc, ipmi] = await Promise.all([
      parts.start(makeTempDir('doctor-bmcs')),
      parts.start(RedfishSimulator.start()),
      parts.start(IpmiPeer.start()),
    ]);
  });

  const noIpmi = { enabled: false };
  const ofPage = (more: object = {}) => {
    const { host: address, port, username, password } = bmc;
    const kvm = { driver: 'browser' };
    return {
      id: 'page',
      address,
      port,
      username,
      password,
      redfish: false,
      ipmi: noIpmi,
      kvm,
      ...more,
    };
  };
  const configOf = (host: object, more: object = {}) =>
    parseConfig({ providers: [{ id: 'metal', type: 'bmc', hosts: [host] }], ...more }, 'it');
  const said = (findings: readonly { level: string; what: string; message: string }[]) =>
    findings.map(({ level, what, message }) => `${level} ${what}: ${message}`).join('\n');

  it('names each that cannot be used, with its own reason, and does not count it as well', async () => {
    const right = new X509Certificate(bmc.ca).fingerprint256;
    const board = { address: ipmi.host, redfish: false, ...ipmi.admin };
    const password = logBook.secret('not-the-password');
    const hosts = [
      { id: 'well', ...bmc.section },
      { id: 'refused', ...bmc.section, password },
      { id: 'suite', ...board, ipmi: { port: ipmi.port, cipherSuite: 17 } },
      { id: 'word', ...board, password, ipmi: { port: ipmi.port, cipherSuite: 3 } },
      { id: 'dead', ...board, ipmi: { port: await freePort(), cipherSuite: 3 } },
      ofPage(),
      ofPage({ id: 'gone', port: 1 }),
    ];
    const { code, lines } = await examine(dir.path, {
      ...{ publicUrl: 'http://localhost', dataDir: join(dir.path, 'data') },
      images: { path: join(dir.path, 'no-images') },
      providers: [{ id: 'metal', type: 'bmc', hosts }],
    });
    const all = lines.join('\n');
    assert.equal(code, 1);
    assert.doesNotMatch(all, /not-the-password/);
    for (const line of [
      /^wrong {2}metal: refused: .*(username|password).*; correct its username and password/m,
      /^wrong {2}metal: suite: does not speak this cipher suite: set ipmi\.cipherSuite, to 3 for older/m,
      /^wrong {2}metal: word: does not accept the username or password.* over IPMI; correct its user/m,
      /^wrong {2}metal: dead: (does not answer|cannot be)/m,
      /^wrong {2}metal: gone: .* at port 1: ECONNREFUSED; its graphical console is there: correct/m,
      /^note {3}provider metal: lists 7 machines, and 4 of them cannot be used/m,
      /^wrong {2}images: .*no-images cannot be read \(ENOENT/m,
      /^note {3}images: BMCs are told to fetch images from localhost, .*; set images\.url/m,
      /^ok {5}bmc: serial lines over IPMI go through socat 1\./m,
      /^ok {5}screens: what graphical consoles need is there: Xtigervnc, .*openbox, chromium$/m,
    ]) {
      assert.match(all, line);
    }
    const page = lines.find((line) => line.startsWith('wrong  metal: page: ')) ?? '';
    assert.ok(page.endsWith(`if this is it, set fingerprint: ${right}`), all);
    assert.doesNotMatch(all, /metal: well: (?!its certificate is the right one)/);
  });

  it('says where the folder of images is right, and where BMCs find it', async () => {
    const images = { path: dir.path, url: 'http://10.0.0.2:8080' };
    const found = said(await checkImages(configOf(ofPage(), { images })));
    assert.equal(found, `ok images: ${dir.path} can be read`);
    assert.deepEqual(await checkImages(configOf(ofPage())), []);
  });

  it('looks for what the screens’ runner needs, where a BMC may have a graphical console', async () => {
    const container = { runner: 'container', container: { cli: [NO_CLI] } };
    const missing = configOf(ofPage(), { kvm: container });
    assert.match(said(await checkScreens(missing)), /^wrong screens: .*docker.*; install it, or/);
    const java = { driver: 'java' };
    const elsewhere = said(await checkScreens(configOf(ofPage({ kvm: java }), { kvm: container })));
    assert.match(elsewhere, /^wrong metal: page: Java consoles run beside the gateway alone/m);
    const other = { driver: 'java', java: { javaVersion: 9 } };
    const version = said(await checkScreens(configOf(ofPage({ kvm: other }))));
    assert.match(version, /^wrong metal: page: its console needs Java 9 .*; apt install icedtea/m);
    const board = ofPage({ redfish: false, ipmi: {}, kvm: { enabled: false } });
    assert.deepEqual(await checkScreens(configOf(board)), []);
  });
});
