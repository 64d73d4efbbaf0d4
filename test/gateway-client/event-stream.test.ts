import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { EventStreamParser, type StreamEvent } from '../../server/gateway-client/event-stream.ts';

function parse(...chunks: string[]): StreamEvent[] {
  const parser = new EventStreamParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

describe('the event stream', () => {
  it('reads an event with its name', () => {
    assert.deepEqual(parse('event: step\ndata: {"a":1}\n\n'), [{ event: 'step', data: '{"a":1}' }]);
  });

  it('joins several data lines, takes one space only, and calls a nameless event `message`', () => {
    assert.deepEqual(parse('data:  a\ndata:b\ndata\n\n'), [{ event: 'message', data: ' a\nb\n' }]);
  });

  it('skips comments, unknown fields and events without data', () => {
    assert.deepEqual(parse(': ping\n\nid: 7\nretry: 5\nevent: state\n\ndata: x\n\n'), [
      { event: 'message', data: 'x' },
    ]);
  });

  it('takes LF, CR LF and CR as line ends', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = ['event: state', 'data: x', '', 'data: y', '', ''].join(end);
      assert.deepEqual(
        parse(text, '\n').map(({ data }) => data),
        ['x', 'y'],
        JSON.stringify(end),
      );
    }
  });

  it('reads the same however the text is cut', () => {
    const text =
      ': hi\r\nevent: step\r\ndata: {"t":"привет 😀"}\r\n\r\ndata: a\ndata: b\n\nevent: x\n';
    const whole = parse(text);
    assert.equal(whole.length, 2);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const chunks = edges.slice(1).map((end, index) => text.slice(edges[index], end));
        assert.deepEqual(parse(...chunks), whole);
      }),
    );
  });
});
