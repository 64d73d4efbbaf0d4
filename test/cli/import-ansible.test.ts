import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, it } from 'mocha';
import { parse, stringify } from 'yaml';
import { importAnsible } from '../../server/cli/import/ansible.ts';
import { ConfigError, parseConfig } from '../../server/config.ts';
import { childEnvironment } from '../../server/platform/child-process.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { runCli } from './support/run-cli.ts';

interface Machine {
  readonly name: string;
  readonly labels?: string[];
  readonly consoles: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const INI = String.raw`
mail.example.com ansible_user=post http_port=80 # trailing
[web]
web[01:03].example.com:2222 ansible_user="deploy er" ansible_password='ge#heim'
db-[a:e:2] ansible_ssh_pass="'03#heim'"
[win]
w1 ansible_host=10.0.0.9 ansible_port=5986
[win:vars]
ansible_connection=winrm
ansible_user=CORP\Administrator
ansible_password=Ge heim # no comment
ansible_winrm_server_cert_validation=ignore
[dc1:children]
web
db
[db]
db-c ansible_host="{{ inventory_hostname_short }}.db.example"
[2001:db8::7]:2200
[local]
here ansible_connection=local
[all:vars]
ansible_user=root
[dc1:vars]
ansible_user=dcuser
[db:vars]
ansible_user=dbuser
`;

const YAML = `
all:
  vars: { ansible_user: root }
  hosts:
    solo:
  children:
    web:
      vars:
        ansible_port: 2222
        ansible_ssh_extra_args: -J jump
      hosts:
        w[1:2].example.com:
          ansible_password: !unsafe "ge{{heim"
        数据库:
          ansible_host: 10.0.0.7
          ansible_password: !vault |
            $ANSIBLE_VAULT;1.1;AES256
            6162
    spare:
      vars: &spare { ansible_port: 77 }
    store:
      vars: &store { ansible_port: 88, ansible_user: store, ansible_host: deep.example }
    taker: &taker
      hosts: { taker.example.com: { <<: *spare } }
      <<: *taker
    inner:
      children:
        deep:
          hosts: { w1.example.com: , w2.example.com: }
          vars:
            ansible_user: deep
            <<: [*spare, *store]
`;

describe('rackside import ansible', function () {
  this.timeout(60_000);
  const parts = cleanUp('each');
  let folder: string;

  beforeEach(async () => {
    folder = (await parts.start(makeTempDir('import-ansible'))).path;
  });

  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  };
  const run = async (path: string, stdin = '') => {
    const result = await runCli(['import', 'ansible', path], { stdin });
    const tree = parse(result.stdout) as { providers: { machines: Machine[] }[] } | null;
    if (tree) parseConfig({ ...tree }, 'the section');
    return { ...result, machines: tree?.providers[0]?.machines ?? [] };
  };
  /** The same inventory as Ansible itself sees it. */
  const asAnsible = async (path: string) => {
    const { stdout } = await promisify(execFile)('ansible-inventory', ['-i', path, '--list'], {
      env: childEnvironment({ HOME: folder, LANG: 'C.UTF-8' }),
    });
    return (await run('-', stdout)).machines;
  };
  const byName = (machines: readonly Machine[]) =>
    machines
      .map((machine) => ({ ...machine, labels: machine.labels?.toSorted() }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));

  it('sees an inventory in INI as Ansible does: ranges, groups of groups, quotes, precedence', async () => {
    await write({
      hosts: INI,
      'group_vars/all.yml': 'ansible_user: everybody\n',
      'group_vars/db/port.yml': '---\nansible_port: 2022\n',
      'host_vars/db-a.yml': 'ansible_user: hv\nansible_port: "99"\n',
    });
    const { code, machines, stderr } = await run(join(folder, 'hosts'));
    assert.equal(code, 0, stderr);
    assert.deepEqual(byName(machines), byName(await asAnsible(join(folder, 'hosts'))));
    const found = Object.fromEntries(machines.map((machine) => [machine.name, machine]));
    assert.deepEqual(found['web02.example.com']?.labels, ['dc1', 'web']);
    assert.deepEqual(found['web02.example.com']?.consoles, {
      ssh: {
        ...{ host: 'web02.example.com', port: 2222 },
        ...{ username: 'deploy er', password: 'ge#heim' },
      },
    });
    assert.deepEqual(found['db-a']?.consoles, {
      ssh: { host: 'db-a', port: 99, username: 'hv', password: '03#heim' },
    });
    assert.equal(found['db-c']?.consoles['ssh']?.['host'], 'db-c.db.example');
    assert.deepEqual(found['w1']?.consoles, {
      rdp: {
        ...{ host: '10.0.0.9', username: 'everybody', password: 'Ge heim # no comment' },
        params: { 'ignore-cert': true },
      },
    });
    assert.deepEqual([found['db-b'], found['here']], [undefined, undefined]);
    assert.match(stderr, /hosts:\d+: here: is left out: ansible_connection local/);
    assert.match(stderr, /hosts:\d+: port: is WinRM's/);
    assert.match(stderr, /hosts: http_port: are left to the playbooks/);
    assert.doesNotMatch(stderr, /heim/);
  });

  it('sees one in YAML as Ansible does, and names what is encrypted or is for OpenSSH', async () => {
    await write({ 'inventory/hosts.yml': YAML, 'inventory/more': 'solo2\n' });
    await write({ 'inventory/group_vars/web.yml': '$ANSIBLE_VAULT;1.1;AES256\n6162\n' });
    const { code, machines, stderr } = await run(join(folder, 'inventory'));
    assert.equal(code, 0, stderr);
    assert.match(stderr, /web\.yml: file: is encrypted by ansible-vault/);
    assert.match(stderr, /hosts\.yml:16: ansible_password: is encrypted by ansible-vault/);
    assert.match(stderr, /hosts\.yml:10: ansible_ssh_extra_args: are options of OpenSSH/);
    assert.deepEqual(
      machines.map(({ name }) => name),
      ['solo', 'w1.example.com', 'w2.example.com', '数据库', 'taker.example.com', 'solo2'],
    );
    assert.deepEqual(machines[1], {
      ...{ id: 'w1.example.com', name: 'w1.example.com', labels: ['inner', 'web', 'deep'] },
      consoles: { ssh: { host: 'deep.example', port: 77, username: 'deep' } },
    });
    assert.deepEqual(machines[4]?.consoles, {
      ssh: { host: 'taker.example.com', port: 77, username: 'root' },
    });
    assert.match(stderr, /hosts\.yml:13: ansible_password: is a template/);
    await write({ 'inventory/group_vars/web.yml': '{}\n' });
    assert.deepEqual(byName(machines), byName(await asAnsible(join(folder, 'inventory'))));
  });

  it('takes no longer for groups that have many ways to the top', async () => {
    const layers = Array.from({ length: 20 }, (_, at) => [`a${at}`, `b${at}`]);
    const sections = layers
      .slice(1)
      .flatMap((below, at) =>
        (layers[at] ?? []).map((name) => `[${name}:children]\n${below.join('\n')}\n`),
      );
    // The shorter way to the bottom says nothing of what stands above what.
    const hosts = '[a0:children]\na19\n[a19]\nh\n[b19]\n[b3:vars]\nansible_user=b3\n';
    await write({ hosts: `${sections.join('')}${hosts}[a3:vars]\nansible_user=a3\n` });
    const started = process.cpuUsage();
    const { section } = importAnsible(join(folder, 'hosts'));
    const { user } = process.cpuUsage(started);
    assert.ok(user < 1_000_000, `${user} µs`);
    const labels = [...layers.slice(0, -1).flat(), 'a19'];
    const ssh = { host: 'h', username: 'b3' };
    assert.deepEqual(parse(stringify(section['machines'])), [
      { id: 'h', name: 'h', labels, consoles: { ssh } },
    ]);
  });

  it('ends with 2 and names file and line of what is no inventory', async () => {
    for (const [name, text, message] of [
      ['a', '[web]\nh ansible_host\n', /line 2: expected key=value/],
      ['a', '[web]\nh ansible_password="geheim\n', /line 2: a quote has no end/],
      ['a', '[web\nh\n', /line 1: a range has no end/],
      ['a', 'h[3:1:0]\n', /line 1: expected a range/],
      ['a', 'h[1:999999999]\n', /line 1: a range has more than 100000 hosts/],
      ['a', '[web:children]\nnone\n', /line 2: there is no group none/],
      ['a', '[web:hotss]\n', /line 1: expected \[web\], \[web:vars\] or \[web:children\]/],
      [
        'a',
        'h ansible_port=geheim\n',
        /a:1, h, consoles\.ssh\.port: invalid input: expected number/,
      ],
      ['a', '# nothing\n', /there is no host with a console/],
      ['a', '#!/bin/sh\n', /is a program, which is not run: pipe `ansible-inventory --list`/],
      ['a', '$ANSIBLE_VAULT;1.1;AES256\n6162\n', /is encrypted by ansible-vault/],
      ['a.yml', 'all:\n  hosts: [a\n  geheim: b\n', /line \d, column \d+: is no valid YAML/],
      ['a.yml', 'all:\n  hosts:\n    h: geheim\n', /line 3: expected the variables of h/],
      ['a.yml', 'all:\n  hosts: { h: }\n  vars: [1]\n', /line 3: expected a mapping of names/],
      [
        'a.yml',
        'all:\n  hosts: { h: { <<: geheim } }\n',
        /line 2: expected a mapping, or a list of mappings, behind <</,
      ],
      ['a.yml', 'plugin: aws_ec2\n', /line 1: is the configuration of an inventory plugin/],
    ] as const) {
      await write({ [name]: text });
      assert.throws(
        () => importAnsible(join(folder, name)),
        (error) => {
          assert.ok(error instanceof ConfigError, text);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /geheim/);
          return true;
        },
      );
    }
    const { code, stdout, stderr } = await run(join(folder, 'none'));
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /none cannot be used:\n {2}cannot be read \(ENOENT\)/);
  });
});
