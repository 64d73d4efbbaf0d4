import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { ConfigError } from '../../server/config.ts';
import { Notes } from '../../server/cli/import/notes.ts';
import { readNojava } from '../../server/cli/import/nojava/read-nojava.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';

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
  html5:
    skip_login: True
    html5_endpoint: novnc/
    rewrites:
      - search: 'var path=""'
        replace: 'var path="{subdirectory}"'
        path_match: "/nav_ui\\\\.js$"
hosts:
  rack4.u12:
    based_on: ami
    full_hostname: ipmi12.example.org
    login_user: admin
  new:
    based_on: html5
    full_hostname: new.example.org
    java_version: 8u91
  bare:
    based_on: gone
    full_hostname: bare.example.org
`;

describe("nojava-ipmi-kvm's file", () => {
  const parts = cleanUp();
  let file: string;

  before(async () => {
    file = join((await parts.start(makeTempDir('nojava'))).path, 'rc.yaml');
  });

  const read = async (text: string) => {
    await writeFile(file, text);
    const notes = new Notes();
    return { ...readNojava(notes, file), notes: notes.lines };
  };
  const faultsOf = async (text: string) => {
    try {
      await read(text);
    } catch (error) {
      if (error instanceof ConfigError) return error.faults.map(({ path }) => path);
      throw error;
    }
    return [];
  };

  it("gives each host its own keys, its template's, and the defaults", async () => {
    const { hosts, display, notes } = await read(WHOLE);
    assert.deepEqual(display, { width: 1600, height: 1200 });
    const [java, html5, bare] = hosts;
    assert.deepEqual(java, {
      name: 'rack4.u12',
      place: { file, line: 24 },
      hostname: 'ipmi12.example.org',
      login: {
        username: 'admin',
        endpoint: 'rpc/WEBSES/create.asp',
        usernameField: 'WEBVAR_USERNAME',
        passwordField: 'WEBVAR_PASSWORD',
        extraFields: { method: 'login', lang: 'en' },
        json: false,
      },
      allowInsecureTls: true,
      sessionCookie: 'SessionCookie',
      console: {
        kind: 'java',
        endpoint: 'Java/jviewer.jnlp',
        javaVersion: '7u51',
        formatJnlp: false,
      },
    });
    assert.equal(html5?.login, null);
    assert.deepEqual(html5?.console, {
      kind: 'html5',
      endpoint: 'novnc/',
      rewrites: [
        {
          search: 'var path=""',
          replace: 'var path="{subdirectory}"',
          pathMatch: String.raw`/nav_ui\.js$`,
        },
      ],
    });
    assert.equal(bare?.login?.username, 'ADMIN');
    assert.deepEqual(bare?.console, {
      kind: 'java',
      endpoint: 'cgi/url_redirect.cgi?url_name=ikvm&url_type=jwsk',
      javaVersion: '7u181',
      formatJnlp: false,
    });
    assert.deepEqual(
      notes.map((line) => line.slice(file.length)),
      [
        ':3: run_docker_with_sudo: there is no container engine to tell of',
        ":28: new.java_version: is a Java console's, and this host has an HTML5 one",
        ':33: bare: there is no template gone',
      ],
    );
  });

  it('names each wrong key with its line, and shows no value', async () => {
    const wrong = `hosts:\n  a.b:\n    full_hostname: h\n    pasword: geheim\n    skip_login: maybe\n`;
    assert.deepEqual(await faultsOf(wrong), [
      'line 5, hosts.a.b.skip_login',
      'line 4, hosts.a.b.pasword',
    ]);
    assert.deepEqual(await faultsOf('hosts:\n  a:\n    login_user: me\n'), [
      'line 2, hosts.a.full_hostname',
    ]);
    assert.deepEqual(await faultsOf(''), ['hosts']);
    await assert.rejects(read('hosts:\n  a: { geheim: [\n'), (error: Error) => {
      assert.match(error.message, /line \d, column \d+: is no valid YAML/);
      assert.doesNotMatch(error.message, /geheim/);
      return true;
    });
  });
});
