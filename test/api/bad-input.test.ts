import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { before, describe, it } from 'mocha';
import supertest from 'supertest';
import type { JsonSchema, Problem, StatusCode } from '../../server/contract/index.ts';
import { operations } from '../../server/contract/operations/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, PASSWORDS } from '../support/gateway.ts';
import { CALLS } from './support/calls.ts';
import type { Answered } from './support/described.ts';
import { type Call, type Raw, Scene, operationOf } from './support/scene.ts';

const JSON_TYPE = 'application/json';
/** Those that nobody wrote a call of are missed by operations.test.ts, once. */
const callable = Object.keys(operations).filter((id) => CALLS[id]);
const inApi = callable.filter((id) => operationOf(id).path.startsWith('/api/'));
const withBody = inApi.filter((id) => operationOf(id).body);
/** A provider brings its people back with parameters of its own. */
const takesAny = (id: string) => operationOf(id).query?.safeParse({ colour: 'red' }).success;
const withParameter = callable.filter((id) => operationOf(id).path.includes('{'));

describe('bad input', () => {
  const suite = cleanUp();
  let scene: Scene;

  before(async () => {
    scene = await Scene.start(suite);
  });

  /** The first call of an operation, which would succeed as it is. */
  async function good(id: string): Promise<Call> {
    const [prepare] = CALLS[id] ?? [];
    assert.ok(prepare, `test/api/support/calls.ts has no call of ${id}`);
    return prepare(scene);
  }

  const problem = ({ text }: Answered): Problem => JSON.parse(text) as Problem;

  async function refused(id: string, call: Call, raw: Raw, code: StatusCode): Promise<Problem> {
    const answer = await scene.send(id, call, raw);
    const said = `${answer.status} ${answer.text.slice(0, 300)}`;
    const what = `${id} ${JSON.stringify(raw).slice(0, 200)}: ${said}`;
    assert.ok(answer.status >= 400, what);
    assert.equal(problem(answer).code, code, what);
    return problem(answer);
  }

  describe('in a body', () => {
    for (const id of withBody) {
      it(`${id}: what is no JSON object, is too large or is of another type`, async () => {
        const call = await good(id);
        for (const text of ['{"a":', '{', 'null', '"text"', '7', 'true', '{}{}', '\u0000']) {
          await refused(id, call, { body: { type: JSON_TYPE, text } }, 'invalid_request');
        }
        await refused(id, call, { body: { type: JSON_TYPE, text: '[]' } }, 'invalid_request');
        const huge = JSON.stringify({ ...call.body, more: 'x'.repeat(70_000) });
        await refused(id, call, { body: { type: JSON_TYPE, text: huge } }, 'payload_too_large');
        const text = JSON.stringify(call.body);
        for (const type of [
          'text/plain',
          'application/x-www-form-urlencoded',
          'application/xml',
          'application/json; charset=klingon',
        ]) {
          await refused(id, call, { body: { type, text } }, 'unsupported_media_type');
        }
      });

      it(`${id}: a field that is not known, and each field in a wrong type`, async () => {
        const call = await good(id);
        const send = (body: object) =>
          refused(
            id,
            call,
            { body: { type: JSON_TYPE, text: JSON.stringify(body) } },
            'invalid_request',
          );
        for (const name of ['colour', 'Machine', '', 'constructor']) {
          const { errors } = await send({ ...call.body, [name]: 1 });
          assert.deepEqual(
            errors?.map(({ path }) => path),
            [name],
          );
        }
        const proto = `{"__proto__":{"machine":"x"},${JSON.stringify(call.body).slice(1)}`;
        const text = proto.replace(',}', '}');
        await refused(id, call, { body: { type: JSON_TYPE, text } }, 'invalid_request');
        for (const [name, schema] of Object.entries(fieldsOf(id))) {
          for (const wrong of wrongFor(schema)) {
            const { errors } = await send({ ...call.body, [name]: wrong });
            const [first] = errors ?? [];
            assert.equal(first?.path.split('.')[0], name, `${name}: ${JSON.stringify(wrong)}`);
          }
        }
      });
    }

    it('openConsole: a user whose name cannot be read as it is', async () => {
      const call = await good('openConsole');
      for (const user of [' ', 'a\nb', 'a\u0000', 'ali\u202ece', 'a\u200bb', '\ud800']) {
        const body = { type: JSON_TYPE, text: JSON.stringify({ ...call.body, user }) };
        const { errors } = await refused('openConsole', call, { body }, 'invalid_request');
        assert.equal(errors?.[0]?.path, 'user');
      }
    });

    it('anything that JSON can say is refused or done as the document says', async function () {
      this.timeout(60_000);
      for (const id of withBody) {
        const call = await good(id);
        const fields = Object.keys(fieldsOf(id));
        const body = fc.dictionary(
          fc.oneof(fc.constantFrom('colour', ...fields), fc.string()),
          fc.jsonValue(),
        );
        await fc.assert(
          fc.asyncProperty(body, async (any) => {
            const text = JSON.stringify(any);
            const answer = await scene.send(id, call, { body: { type: JSON_TYPE, text } });
            assert.ok(answer.status < 500, `${id} ${text}: ${answer.text}`);
          }),
          { numRuns: 15 },
        );
      }
    });

    for (const id of inApi.filter((name) => !operationOf(name).body)) {
      it(`${id}: a body where none is taken`, async () => {
        const body = { type: JSON_TYPE, text: '{"colour":"red"}' };
        await refused(id, await good(id), { body }, 'invalid_request');
      });
    }
  });

  describe('in an id', () => {
    const IDS = [
      ...[
        'a%2Fb',
        '%2Fetc%2Fpasswd',
        '..%2F..%2Fme',
        '%2e%2e%2fme',
        'a%5Cb',
        '%00',
        'a%00b',
        '%0A',
      ],
      ...['%F0%9F%92%A5', '%E2%80%AE', 'ünï', '%C3%BC', 'lab:%C3%BC', '*', '%2A', '__proto__'],
      ...['constructor', 'lab:__proto__', 'lab:', ':', '%20', '%25', 'x'.repeat(4000), '{id}', "'"],
    ];
    for (const id of withParameter) {
      it(`${id}: slashes, Unicode, control characters and more are nobody's id`, async () => {
        const call = await good(id);
        for (const param of IDS) {
          const answer = await scene.send(id, call, { param });
          const { code } = problem(answer);
          assert.ok(
            (answer.status === 404 && code.endsWith('not_found')) || answer.status === 409,
            `${param}: ${answer.text}`,
          );
        }
        for (const param of ['%E0%A4%A', '%', '%ff', '%C0%AF']) {
          await refused(id, call, { param }, 'invalid_request');
        }
      });
    }
  });

  describe('in a query', () => {
    for (const id of inApi.filter((name) => !takesAny(name))) {
      it(`${id}: a parameter that is not known or is given twice`, async () => {
        const call = await good(id);
        const known = Object.keys(call.query ?? {});
        for (const name of ['colour', '__proto__', 'limit[]', 'q[a]', 'toString']) {
          const query = `?${name}=1`;
          const { errors } = await refused(id, call, { query }, 'invalid_request');
          assert.deepEqual(
            errors?.map(({ path }) => path),
            [name],
          );
        }
        for (const name of [...known, 'colour']) {
          const query = `?${name}=1&${name}=1`;
          const { errors } = await refused(id, call, { query }, 'invalid_request');
          assert.deepEqual(
            errors?.map(({ path, message }) => [path, message]),
            [[name, 'is given more than once']],
          );
        }
      });
    }

    it('launch: two tokens are none', async () => {
      const jwt = await scene.link();
      const query = `?jwt=${jwt}&jwt=${jwt}`;
      await refused('launch', await good('launch'), { query }, 'launch_link_invalid');
      await scene.send('launch', { query: { jwt } });
    });

    it('lists: a limit and a cursor that are none', async () => {
      for (const id of inApi.filter((name) => isList(name))) {
        const call = await good(id);
        for (const limit of ['0', '-1', '201', 'many', '1.5', '1e9', '', ' ', 'NaN']) {
          await refused(id, call, { query: `?limit=${limit}` }, 'invalid_request');
        }
        const long = `?cursor=${'x'.repeat(513)}`;
        await refused(id, call, { query: long }, 'invalid_request');
        for (const cursor of ['%00', 'none', '%F0%9F%92%A5']) {
          const answer = await scene.send(id, call, { query: `?cursor=${cursor}` });
          // Where cursors have a form of their own, these are refused; else they come before or after all.
          assert.ok([200, 400].includes(answer.status), answer.text);
        }
      }
    });
  });

  describe('at a bad moment', () => {
    it('two redeems at once: exactly one wins', async () => {
      const params = await scene.open();
      const body = { key: params.launchKey };
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => scene.send('redeemConsole', { params, body })),
      );
      const won = answers.filter(({ status }) => status === 200);
      assert.equal(won.length, 1);
      for (const answer of answers.filter(({ status }) => status !== 200)) {
        assert.equal(problem(answer).code, 'launch_key_used');
      }
    });

    it('two deletes at once: both find it closed, for one reason', async () => {
      const params = await scene.open();
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => scene.send('closeConsole', { params })),
      );
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([204]));
      assert.equal((await scene.gateway.view(params.id)).reason, 'killed');
    });

    it('an extension after a console’s end says that it is over', async () => {
      const params = await scene.open();
      await scene.send('closeConsole', { params });
      const body = { seconds: 60 };
      await refused('extendConsole', { params, body, answers: 410 }, {}, 'console_killed');
    });

    it('a share of a share is nobody’s to give, nor is an extension or the end', async () => {
      const params = await scene.viewer();
      const call = { params, as: params.bearer, answers: 403 } as const;
      for (const id of ['shareConsole', 'extendConsole', 'listShares', 'closeConsole']) {
        await refused(id, call, {}, 'forbidden');
      }
    });

    it('a cookie whose session is gone, is forged or is nonsense is nobody’s', async () => {
      const agent = supertest.agent(scene.gateway.url);
      const credentials = { username: 'alice', password: PASSWORDS.alice };
      const signedIn = await agent.post('/api/v1/login').send(credentials).expect(200);
      const cookie = (signedIn.get('Set-Cookie') ?? [])[0]?.split(';')[0] ?? '';
      await agent.post('/api/v1/logout').expect(204);
      for (const gone of [
        cookie,
        `${cookie}x`,
        'rackside=s%3Anone.none',
        'rackside=%00',
        'rackside',
      ]) {
        const headers = { cookie: gone };
        const call = { as: null, headers, answers: 401 } as const;
        await refused('whoAmI', call, {}, 'unauthenticated');
      }
    });

    it('a bearer that is none is refused, whatever it looks like', async () => {
      for (const as of [
        '',
        'none',
        `${API_TOKENS.portal}x`,
        'x'.repeat(5000),
        'a b',
        'e30.e30.e30',
      ]) {
        await refused('whoAmI', { as, answers: 401 }, {}, 'unauthenticated');
      }
    });
  });

  function isList(id: string): boolean {
    const { method, path } = operationOf(id);
    const described = scene.document.paths[path]?.[method.toLowerCase()];
    return described?.parameters.some(({ name }) => name === 'cursor') ?? false;
  }

  function fieldsOf(id: string): Readonly<Record<string, JsonSchema>> {
    const { method, path } = operationOf(id);
    const content = scene.document.paths[path]?.[method.toLowerCase()]?.requestBody?.content;
    const name = content?.[JSON_TYPE]?.schema.$ref?.split('/').at(-1) ?? '';
    return scene.document.components.schemas[name]?.properties ?? {};
  }

  /** Values that are none of this field, whatever it holds. */
  function wrongFor({ type, $ref }: JsonSchema): unknown[] {
    const { type: ofTarget } = $ref
      ? (scene.document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {})
      : {};
    const values = { string: 'x', number: 1.5, boolean: true, object: {}, array: [], null: null };
    const own = String(type ?? ofTarget ?? '').replace('integer', 'number');
    return Object.entries(values)
      .filter(([name]) => name !== own)
      .map(([, value]) => value);
  }
});
