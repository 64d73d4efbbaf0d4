import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { parse } from 'yaml';
import { importCsv } from '../../server/cli/import/csv.ts';
import { ConfigError, parseConfig } from '../../server/config.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { runCli } from './support/run-cli.ts';

describe('rackside import csv', function () {
  this.timeout(60_000);

  const parts = cleanUp();
  let file: string;

  before(async () => {
    file = join((await parts.start(makeTempDir('import-csv'))).path, 'table.csv');
  });

  const run = (table: string | Buffer) => runCli(['import', 'csv', '-'], { stdin: table });
  const machinesOf = (yaml: string) => {
    const tree = parse(yaml) as { providers: { machines: Record<string, unknown>[] }[] };
    return tree.providers[0]?.machines ?? assert.fail(yaml);
  };

  it("reads Excel's table: semicolons, a byte order mark, CRLF, quotes, empty rows", async () => {
    const { code, stdout, stderr } = await run(
      '\uFEFFName;SSH Host;SSH Password;rdp.params.security\r\n' +
        'a;10.0.0.1;geheim;\r\n;;;\r\ndb1;10.0.0.2;;any\r\n',
    );
    // A parameter of a kind is a console of that kind, which has no host there.
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /line 4, rdp host: expected a host name or an address/);
    assert.doesNotMatch(stderr, /heim/);

    const right = await run(
      '\uFEFFName;Kunde;Owner;Labels;SSH Host;SSH Port;ssh_username;ssh password;vnc.host;vnc.password\r\n' +
        'Büro 1;x;alice;"web,prod";10.0.0.1;2222;root;" ge""heim;x";10.0.0.1;0123\r\n' +
        ';;;;;;;;;\r\n' +
        'db1;;;;db.example;;;;;\r\n',
    );
    assert.equal(right.code, 0, right.stderr);
    assert.deepEqual(machinesOf(right.stdout), [
      {
        ...{ id: 'Buro-1', name: 'Büro 1', owner: 'alice', labels: ['web', 'prod'] },
        consoles: {
          ssh: { host: '10.0.0.1', port: 2222, username: 'root', password: ' ge"heim;x' },
          vnc: { host: '10.0.0.1', password: '0123' },
        },
      },
      { id: 'db1', name: 'db1', consoles: { ssh: { host: 'db.example' } } },
    ]);
    assert.equal(parseConfig(parse(right.stdout), 'it').providers.length, 1);
    assert.match(right.stderr, /standard input:1: Kunde: is no column of ours/);
  });

  it('takes a row for a console where a column says the kind, in any usual encoding', async () => {
    const table =
      'name,kind,host,user,mac,location\nMünchen,RDP,10.0.0.2,CORP\\admin,02:00:5e:10:00:ff,nl\n';
    for (const bytes of [
      Buffer.from(table, 'latin1'),
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(table, 'utf16le')]),
      Buffer.from(`sep=|\r\n${table.replaceAll(',', '|')}`),
    ]) {
      const { code, stdout, stderr } = await run(bytes);
      assert.equal(code, 0, stderr);
      assert.deepEqual(machinesOf(stdout), [
        {
          ...{ id: 'Munchen', name: 'München', location: 'nl' },
          wakeOnLan: { mac: '02:00:5e:10:00:ff' },
          consoles: { rdp: { host: '10.0.0.2', username: 'CORP\\admin' } },
        },
      ]);
      assert.match(stderr, /name the location nl under locations/);
    }
  });

  it('names every wrong row by its line and column, and writes nothing', async () => {
    const head = 'id,name,kind,host,port,password\n';
    for (const [table, ...messages] of [
      [
        `${head}a,,ssh,h,99999,geheim\n,"b\n\nb",vnc,h,abc,geheim\n-x,,ssh,h,,\n`,
        /line 2, ssh port: /,
        /line 3, vnc port: /,
        /line 6, id: expected letters, digits/,
      ],
      [
        `${head}a,,ssh,h,,\na,,foo,h,,\n,,vnc,,,\n`,
        /line 3, kind: expected one of vnc, rdp, ssh, telnet/,
        /line 3, id: is that of line 2, too/,
        /line 4, vnc host: expected a host name/,
        /line 4, name: expected a name or an id/,
      ],
      [`${head}a,,ssh,h,22\n`, /line 2: has not as many cells as the header row/],
      [`${head}a,,ssh,h,22,ge"heim\n`, /line 2: has a quote inside of a cell/],
      [`${head}a,,ssh,h,22,"geheim\n`, /line 2: begins a quoted cell that never ends/],
      ['name,host,hostname\na,b,c\n', /line 1: the column hostname means what another/],
      ['a,b\n1,2\n', /line 1: expected a header row with a column such as host/],
      [head, /line 1: expected rows below the header row/],
      ['', /line 1: expected a header row/],
    ] as const) {
      await writeFile(file, table);
      assert.throws(
        () => importCsv(file),
        (error) => {
          assert.ok(error instanceof ConfigError);
          for (const message of messages) assert.match(error.message, message);
          assert.doesNotMatch(error.message, /geheim/);
          return true;
        },
      );
    }
  });
});
