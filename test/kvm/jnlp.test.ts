import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type Jnlp, readJnlp } from '../../server/kvm/java/jnlp.ts';
import { chooseJava } from '../../server/kvm/java/web-start.ts';

const CODEBASE = 'http://127.0.0.1:3128/';

/** As iDRAC 6 and Supermicro write them: arguments with names, an ampersand, archives by full addresses. */
const FILE = `<?xml version="1.0" encoding="UTF-8"?>
<jnlp codebase="https://10.0.0.4:443/Java" spec="1.0+" href="jviewer.jnlp?token=1">
<security><all-permissions/></security>
<resources><property name="jnlp.packEnabled" value="true"/>
<j2se version="1.6+"/><jar href="release/JViewer.jar"/><jar href="https://idrac.example/software/avctKVM.jar"/></resources>
<resources os="Linux" arch="x86_64"><nativelib href="/lib/Linux_x86_64.jar"/></resources>
<resources os="Windows"><nativelib href="/lib/Win.jar"/></resources>
<application-desc main-class="A"><argument>ip=10.0.0.4</argument><argument>kmport=5900</argument>
<argument>vport=5901</argument><argument>user=a&amp;b</argument><argument>623</argument><argument>1</argument>
<argument>title=rack 12, 99999</argument></application-desc></jnlp>`;

function read(text: string): Jnlp {
  const jnlp = readJnlp(text);
  assert.ok(jnlp !== null && jnlp !== 'too-big');
  return jnlp;
}

describe('a BMC’s JNLP file', () => {
  it('names what its program connects to, and what it is made of, wherever it says that it lies', () => {
    const jnlp = read(FILE);
    assert.deepEqual(jnlp.ports, [5900, 5901, 623]);
    const [viewer, idrac, linux] = [
      '/Java/release/JViewer.jar',
      '/software/avctKVM.jar',
      '/lib/Linux_x86_64.jar',
    ];
    assert.deepEqual(jnlp.archives, [viewer, idrac, linux, '/lib/Win.jar']);
    assert.deepEqual(jnlp.wanted, [viewer, idrac, linux]);
    assert.ok(jnlp.packed);
  });

  it('is asked for nowhere but at the gateway, and says to its program what it said before', () => {
    const text = read(FILE).rewritten(CODEBASE);
    const hrefs = [...text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    assert.deepEqual(hrefs, [
      ...[
        'Java/release/JViewer.jar',
        'software/avctKVM.jar',
        'lib/Linux_x86_64.jar',
        'lib/Win.jar',
      ],
    ]);
    assert.match(text, /<jnlp codebase="http:\/\/127\.0\.0\.1:3128\/"/);
    for (const argument of ['ip=10.0.0.4', 'user=a&amp;b', 'title=rack 12, 99999']) {
      assert.ok(text.includes(`<argument>${argument}</argument>`), argument);
    }
    assert.deepEqual(read(text).ports, [5900, 5901, 623]);
  });

  it('is none where it is a page, or expands what it names', () => {
    for (const text of [
      '<!DOCTYPE html><p>Session timed out</p>',
      '',
      'no XML',
      `<!DOCTYPE jnlp [<!ENTITY a "b">]>${FILE}`,
    ]) {
      assert.equal(readJnlp(text), null, text);
    }
  });
});

describe('a JNLP file that is made to keep the gateway busy', function () {
  // As it was, a code base of slashes took a minute, in which nothing else was done.
  this.timeout(20_000);
  const LENGTH = 256 * 1024 - 100;
  const around = (body: string, codebase = 'https://b/') =>
    `<jnlp codebase="${codebase}">${body}</jnlp>`;
  const filled = (piece: string) => piece.repeat(Math.floor(LENGTH / piece.length));

  it('is too big by its length, its code base or the number of its places', () => {
    for (const text of [
      around(filled('<!-- -->').repeat(2)),
      around('', `https://b/${filled('/')}x`),
      around('<jar href="a.jar"/>'.repeat(1000), `https://b/${'y'.repeat(100_000)}/`),
      around(filled('<jar href="a.jar"/>')),
      around('<icon href="a.png"/>'.repeat(65)),
    ]) {
      assert.equal(readJnlp(text), 'too-big', text.slice(0, 80));
    }
    assert.equal(read(around('<jar href="a.jar"/>'.repeat(64))).archives.length, 1);
  });

  it('is read at once where it is not', () => {
    for (const piece of ['<', '&', '<a>', '<?x ?>', 'a<b/>', '<!--', '<![CDATA[x]]>', '</a>']) {
      readJnlp(around(filled(piece)));
    }
  });
});

describe('the Java of a Java console', () => {
  const javas = [17, 8, 11].map((major) => ({ major, executable: `/jvm/${major}` }));

  it('is the oldest that will do', () => {
    assert.equal(chooseJava(javas, undefined)?.major, 8);
    assert.equal(chooseJava(javas, { major: 7, orNewer: true })?.major, 8);
    assert.equal(chooseJava(javas, { major: 9, orNewer: true })?.major, 11);
    assert.equal(chooseJava(javas, { major: 17, orNewer: false })?.major, 17);
    assert.equal(chooseJava(javas, { major: 7, orNewer: false }), undefined);
  });
});
