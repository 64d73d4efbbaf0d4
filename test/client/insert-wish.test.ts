import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { driveFor } from '../../client/src/machine/drive-for.ts';
import { insertWishOf } from '../../client/src/machine/insert-wish.ts';

const NOWHERE = { image: '', url: '', drive: 'CD' };
const anywhere = { urls: null };
const mirror = { urls: ['https://mirror.example/iso/'] };

describe('the drive for a disk image', () => {
  const drive = (id: string, ...types: string[]) => ({ id, types, image: null });
  const both = [drive('1', 'CD', 'DVD'), drive('2', 'Floppy', 'USBStick')];

  it('is the one that plays it, by the end of its name', () => {
    const id = (image: string, drives = both) => driveFor(image, drives)?.id;
    assert.deepEqual([id('a.iso'), id('A.ISO', both.toReversed())], ['1', '1']);
    assert.deepEqual([id('floppy.img'), id('http://a/b.img?x=1#y.iso')], ['2', '2']);
    assert.equal(id('a.img', [drive('f', 'Floppy'), drive('u', 'USBStick')]), 'u');
  });

  it('is the first where none is known to', () => {
    assert.equal(driveFor('a.img', both.slice(0, 1))?.id, '1');
    assert.equal(driveFor('', both)?.id, '1');
    assert.equal(driveFor('a.iso', []), undefined);
  });
});

describe('what the form for a disk image sends', () => {
  it('is one of the gateway’s images, or one from an address, into the drive that was chosen', () => {
    const image = { ...NOWHERE, image: 'rescue.iso', url: 'left over' };
    assert.deepEqual(insertWishOf(image, mirror), { image: 'rescue.iso', drive: 'CD' });
    const url = 'nfs://10.0.0.1/iso/rescue.iso';
    assert.deepEqual(insertWishOf({ ...NOWHERE, url: ` ${url} ` }, anywhere), { url, drive: 'CD' });
  });

  it('is nothing where there is no address, or of another kind', () => {
    for (const url of [
      '',
      '   ',
      'rescue.iso',
      'file:///etc/passwd',
      `http://a/${'x'.repeat(2000)}`,
    ]) {
      assert.equal(insertWishOf({ ...NOWHERE, url }, anywhere), 'noAddress', url);
    }
  });

  it('is nothing from where a customer may have none, however it is written', () => {
    const from = (url: string) => insertWishOf({ ...NOWHERE, url }, mirror);
    const good = 'https://mirror.example/iso/debian.iso';
    assert.deepEqual(from(good), { url: good, drive: 'CD' });
    assert.deepEqual(from('HTTPS://Mirror.Example/iso/a.iso'), {
      url: 'HTTPS://Mirror.Example/iso/a.iso',
      drive: 'CD',
    });
    assert.equal(from('https://mirror.example/iso/../private/a.iso'), 'notFromThere');
    assert.equal(from('http://10.0.0.1/a.iso'), 'notFromThere');
    assert.equal(insertWishOf({ ...NOWHERE, url: good }, { urls: [] }), 'notFromThere');
  });
});
