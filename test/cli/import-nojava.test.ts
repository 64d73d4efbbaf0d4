import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { loadConfig } from '../../server/config.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { runCli } from './support/run-cli.ts';

const WHOLE = `
general:
  run_docker_with_sudo: True
  x_resolution: 1600x1200
templates:
  ami: &ami
    login_user: root
    login_endpoint: rpc/WEBSES/create.asp
    user_login_attribute_name: WEBVAR_USERNAME
    password_login_attribute_name: WEBVAR_PASSWORD
    extra_login_form_fields: method:login,lang:en
    session_cookie_key: SessionCookie
    allow_insecure_ssl: yes
    download_endpoint: Java/jviewer.jnlp
    java_version: 7u51
  open:
    skip_login: True
    html5_endpoint: novnc/
    rewrites:
      - search: 'var path=""'
        replace: 'var path="{subdirectory}"'
        path_match: "/nav_ui\\\\.js$"
  unused:
    java_version: 7u51
hosts:
  rack4.u12:
    based_on: ami
    full_hostname: ipmi12.example.org
    login_user: admin
  Büro 1:
    based_on: ami
    full_hostname: '[2001:db8::7]'
    html5_endpoint: viewer.html
    send_post_data_as_json: False
  new:
    based_on: open
    full_hostname: new.example.org
    java_version: 8u91
  x11:
    full_hostname: 10.0.0.11
    login_endpoint: cgi/login.cgi
    html5_endpoint: cgi/url_redirect.cgi?url_name=man_ikvm_html5_bootstrap
  bare:
    based_on: gone
    full_hostname: bare.example.org
`;
const HOST = 'hosts:\n  a.b:\n    full_hostname: a.example.org\n';

describe('rackside import nojava', function () {
  this.timeout(120_000);
  const parts = cleanUp();
  let home: string;
  let file: string;
  let password: string;

  before(async () => {
    home = (await parts.start(makeTempDir('nojava'))).path;
    file = join(home, '.nojava-ipmi-kvmrc.yaml');
    password = join(home, 'bmc-password');
    await writeFile(password, 'geheim-0\n');
  });

  const run = async (text: string, ...words: string[]) => {
    await writeFile(file, text);
    return runCli(['import', 'nojava', ...words], { env: { HOME: home } });
  };
  const runWith = (text: string, ...words: string[]) =>
    run(text, '--password-file', password, ...words);

  it('writes each host as a server with a BMC, in a section that loads', async () => {
    const yaml = join(home, 'rackside.yaml');
    const { code, stdout, stderr } = await runWith(WHOLE, '-o', yaml);
    assert.deepEqual([code, stdout], [0, ''], stderr);
    const [section] = loadConfig(yaml, {}).providers;
    assert.ok(section?.type === 'bmc');
    assert.deepEqual([section.id, section.password?.reveal()], ['nojava', 'geheim-0']);
    const found = section.hosts.map(({ id, name, address, username, vendor, kvm }) => {
      const shown = kvm.enabled ? kvm.driver : 'none';
      return [id, name, address, username, vendor, shown];
    });
    assert.deepEqual(found, [
      ['rack4.u12', 'rack4.u12', 'ipmi12.example.org', 'admin', 'auto', 'java'],
      ['Buro-1', 'Büro 1', '2001:db8::7', 'root', 'auto', 'auto'],
      ['new', 'new', 'new.example.org', 'ADMIN', 'auto', 'browser'],
      ['x11', 'x11', '10.0.0.11', 'ADMIN', 'supermicro', 'auto'],
      ['bare', 'bare', 'bare.example.org', 'ADMIN', 'auto', 'java'],
    ]);
    const [ami, , , , bare] = section.hosts.map(({ kvm }) => kvm.java);
    assert.deepEqual(ami, {
      ...{ signIn: true, loginPath: '/rpc/WEBSES/create.asp', json: false, fillJnlp: false },
      ...{ usernameField: 'WEBVAR_USERNAME', passwordField: 'WEBVAR_PASSWORD' },
      ...{ fields: { method: 'login', lang: 'en' }, sessionCookie: 'SessionCookie', ports: [] },
      ...{ jnlpPath: '/Java/jviewer.jnlp', javaVersion: { major: 7, orNewer: true } },
    });
    assert.deepEqual(bare, {
      ...{ signIn: true, loginPath: '/cgi/login.cgi', json: false, fillJnlp: false },
      ...{ usernameField: 'name', passwordField: 'pwd', fields: {}, ports: [] },
      jnlpPath: '/cgi/url_redirect.cgi?url_name=ikvm&url_type=jwsk',
    });
  });

  it('names all that is left behind, with its line, and why', async () => {
    const { code, stdout, stderr } = await runWith(WHOLE);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout + stderr, /geheim/);
    const notJava = "is a Java console's, and this host has an HTML5 one";
    const known = "how a page is signed in to is known of each maker, and not the file's to say";
    const signIn = [
      '8: ami.login_endpoint',
      '9: ami.user_login_attribute_name',
      '10: ami.password_login_attribute_name',
      '11: ami.extra_login_form_fields',
      '12: ami.session_cookie_key',
    ];
    const told = [
      '3: run_docker_with_sudo: there is no container engine to tell of',
      '4: x_resolution: a screen has the size of the page that shows it',
      '44: bare: there is no template gone',
      '23: unused: no host is based on it',
      ...signIn.map((key) => `${key}: ${known}`),
      '13: ami.allow_insecure_ssl: no certificate goes unchecked: set fingerprint for each host; rackside doctor shows it',
      `14: ami.download_endpoint: ${notJava}`,
      `15: ami.java_version: ${notJava}`,
      '33: Büro 1.html5_endpoint: the console is known by its maker, and not by its address',
      '30: Büro 1: its HTML5 console is shown if Redfish tells a maker whose page is known; else kvm.form wants CSS selectors, which this file does not have, or kvm.driver: browser lets whoever looks sign in',
      "18: open.html5_endpoint: the BMC's first page is opened, and whoever looks goes on from there",
      '19: open.rewrites: the page is opened where it is, by a browser of the gateway: nothing to rewrite',
      `38: new.java_version: ${notJava}`,
      '35: new.login_user: Redfish and IPMI want one: it is set to ADMIN',
    ].map((line) => `${file}:${line}`);
    const lines = stderr.split('\n').filter((line) => line.startsWith(file));
    assert.deepEqual(lines.toSorted(), told.toSorted());
    assert.match(stderr, new RegExp(`^nojava: 5 hosts; not carried over: ${told.length}, `, 'm'));
  });

  it('wants the password that the file does not hold, and the gateway reads it from its own', async () => {
    const none = await run(HOST);
    assert.deepEqual([none.code, none.stdout], [2, '']);
    assert.match(
      none.stderr,
      /--password-file FILE: expected, since .*rc\.yaml holds no passwords/,
    );
    const gone = await run(HOST, '--password-file', join(home, 'gone'));
    assert.deepEqual([gone.code, gone.stdout], [2, '']);
    assert.match(gone.stderr, /gone cannot be used:\n {2}cannot be read \(ENOENT\)/);
    const empty = join(home, 'empty');
    await writeFile(empty, '\n');
    const nothing = await run(HOST, '--password-file', empty);
    assert.deepEqual([nothing.code, nothing.stdout], [2, '']);
    assert.match(nothing.stderr, /empty cannot be used:\n {2}is empty: expected a password/);

    const given = await run(HOST, '--password-file', '~/bmc-password');
    assert.equal(given.code, 0, given.stderr);
    assert.ok(given.stdout.includes(`passwordFile: ${password}`), given.stdout);
    assert.doesNotMatch(given.stdout + given.stderr, /geheim|holds secrets/);
  });

  it('goes into a configuration, from a file that is elsewhere', async () => {
    const yaml = join(home, 'into.yaml');
    const other = join(home, 'other.yaml');
    await writeFile(other, HOST);
    const words = [other, '--id', 'racks', '--into', yaml];
    const { code, stderr } = await runWith('', ...words);
    assert.equal(code, 0, stderr);
    const [section] = loadConfig(yaml, {}).providers;
    assert.ok(section?.type === 'bmc');
    assert.deepEqual([section.id, section.hosts.map(({ id }) => id)], ['racks', ['a.b']]);
  });

  it('names each wrong key with its line, writes nothing, and shows no value', async () => {
    for (const [text, named] of [
      [
        `${HOST}    pasword: geheim\n    skip_login: maybe\n`,
        ['line 5, hosts.a.b.skip_login: ', 'line 4, hosts.a.b.pasword: '],
      ],
      ['hosts:\n  a:\n    login_user: geheim\n', ['line 2, hosts.a.full_hostname: ']],
      [
        'hosts:\n  b: { full_hostname: b }\n  a:\n    login_user: ""\n    full_hostname: "geheim:8443"\n',
        ['line 4, hosts.a.login_user: ', 'line 5, hosts.a.full_hostname: expected a host name'],
      ],
      ['hosts:\n  a: { geheim: [\n', ['line 3, column 1: is no valid YAML']],
      ['', ['hosts: ']],
      ['hosts: {}\n', ['hosts: there is no host']],
    ] as const) {
      const { code, stdout, stderr } = await runWith(text);
      assert.deepEqual([code, stdout], [2, ''], text);
      for (const message of named) assert.ok(stderr.includes(message), stderr);
      assert.doesNotMatch(stderr, /geheim/);
    }
  });
});
