import assert from 'node:assert/strict';
import supertest from 'supertest';
import * as z from 'zod/mini';
import { Validator } from '@seriousme/openapi-schema-validator';
import { before, describe, it } from 'mocha';
import { openApiDocument } from '../../server/api/openapi/document.ts';
import { FIELDS } from '../../server/api/openapi/fields.ts';
import {
  type JsonSchema,
  type OpenApiDocument,
  type Operation,
  STATUS,
  type StatusCode,
} from '../../server/contract/index.ts';
import { operations } from '../../server/contract/operations/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway } from '../support/gateway.ts';
import { startRedis } from '../support/redis.ts';

const URL = 'https://consoles.example';
const plain = (document: OpenApiDocument) =>
  JSON.parse(JSON.stringify(document)) as Record<string, unknown>;

describe('the OpenAPI document', () => {
  const document = openApiDocument(operations, URL);

  it('is valid OpenAPI 3.1, every reference included', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(plain(document));
    assert.ok(valid, JSON.stringify(errors));
    assert.equal(validator.version, '3.1');
    const text = JSON.stringify(document);
    for (const [, section = '', name = ''] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      const parts = document.components[section as 'schemas'];
      assert.ok(parts[name], `nothing is called ${section}/${name}`);
    }
  });

  it('would be found out if it were not', async () => {
    const broken = { ...plain(document), openapi: '3.1.0', paths: { login: {} } };
    const { valid } = await new Validator().validate(broken);
    assert.equal(valid, false);
  });

  it('is the same each time', () => {
    assert.equal(JSON.stringify(openApiDocument(operations, URL)), JSON.stringify(document));
  });

  it('says of every operation who may call it and what comes of it', () => {
    const listed = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    assert.deepEqual(
      listed.map(({ operationId }) => operationId).toSorted(),
      Object.keys(operations).toSorted(),
    );
    const open = document.paths['/api/v1/consoles']?.['post'];
    assert.deepEqual(open?.security, [{ apiToken: [] }, { session: [] }]);
    const statuses = ['201', '400', '401', '403', '404', '413', '415', '422', '500', '503'];
    assert.deepEqual(
      statuses.filter((status) => !open.responses[status]),
      [],
    );
    assert.deepEqual(document.paths['/api/v1/login']?.['post']?.security, []);
  });

  it('names the cookie as the gateway does, by how browsers come', () => {
    const cookie = (url: string) =>
      (openApiDocument(operations, url).components.securitySchemes['session'] as { name: string })
        .name;
    assert.equal(cookie('http://127.0.0.1:8080'), 'rackside');
    assert.equal(cookie(URL), '__Host-rackside');
  });

  it('has an example of each problem, with the status of its row', () => {
    const { examples } = document.components;
    for (const [code, example] of Object.entries(examples)) {
      const { status } = example.value as { status: number };
      assert.equal(status, STATUS[code as StatusCode].http);
    }
    assert.ok(examples['launch_key_used'] && !examples['instruction_invalid']);
  });

  it('explains fields that are there', () => {
    const every: Record<string, JsonSchema> = {};
    for (const { query, body, form, events, answers } of Object.values(operations)) {
      for (const schema of [query, body, form, events, ...Object.values(answers)]) {
        if (schema) Object.assign(every, only(schema));
      }
    }
    const known = Object.entries(every).flatMap(([name, { properties = {} }]) =>
      Object.keys(properties).map((field) => `${name}.${field}`),
    );
    assert.deepEqual(
      Object.keys(FIELDS).filter((field) => !known.includes(field)),
      [],
    );
  });

  it('refuses a schema without a name', () => {
    const { whoAmI } = operations as { whoAmI: Operation };
    const { answers } = operations['login'] as Operation;
    const unnamed = z.strictObject({});
    const rows = { whoAmI: { ...whoAmI, answers, body: unnamed } };
    assert.throws(() => openApiDocument(rows, URL), /not exported by the contract/);
  });
});

/** The schemas that a document has because of this one. */
function only(schema: NonNullable<Operation['body']>): Record<string, JsonSchema> {
  const { whoAmI } = operations as { whoAmI: Operation };
  const row: Operation = { ...whoAmI, answers: { 200: schema } };
  return { ...openApiDocument({ row }, URL).components.schemas };
}

describe('GET /api/v1/openapi.json', () => {
  const suite = cleanUp();
  let gateway: TestGateway;
  const fetched = () => supertest(gateway.url).get('/api/v1/openapi.json');

  before(async () => {
    const redis = await suite.start(startRedis());
    const guacd = { host: '127.0.0.1', port: 1 };
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines: [] }));
  });

  it('is for everybody, and names this gateway', async () => {
    const answer = await fetched()
      .expect(200)
      .expect('content-type', /^application\/json/);
    const { servers } = answer.body as OpenApiDocument;
    assert.deepEqual(servers, [{ url: gateway.url }]);
  });

  it('is not sent again to who has it', async () => {
    const etag = (await fetched()).get('etag') ?? '';
    assert.match(etag, /^"[\w-]{20,}"$/);
    await fetched().set('if-none-match', etag).expect(304, '');
    await fetched().set('if-none-match', '"other"').expect(200);
  });
});
