import { z } from 'zod';
import { readXml } from './read-xml.ts';

export type XmlRpcValue = string | number | boolean;

/** What a server answers that cannot carry a call out at all: XML-RPC's own error. */
export class XmlRpcFault extends Error {}

/** The request of XML-RPC (xmlrpc.com/spec), with values of the types that OpenNebula takes. */
export function methodCall(method: string, values: readonly XmlRpcValue[]): string {
  const params = values.map((value) => `<param><value>${encoded(value)}</value></param>`);
  return `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params.join('')}</params></methodCall>`;
}

function encoded(value: XmlRpcValue): string {
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`;
  if (typeof value === 'number') return `<i4>${value}</i4>`;
  return `<string>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</string>`;
}

const value = z.union([
  z.string(),
  z.object({ string: z.string() }).transform(({ string }) => string),
  z.object({ boolean: z.enum(['0', '1']) }).transform(({ boolean }) => boolean === '1'),
  z.object({ i4: z.string() }).transform(({ i4 }) => Number(i4)),
  z.object({ int: z.string() }).transform(({ int }) => Number(int)),
  z.object({ i8: z.string() }).transform(({ i8 }) => Number(i8)),
]);

const answer = z.object({
  methodResponse: z.object({
    params: z.object({
      param: z.object({
        value: z.object({ array: z.object({ data: z.object({ value: z.array(value).min(2) }) }) }),
      }),
    }),
  }),
});

const faultAnswer = z.object({
  methodResponse: z.object({ fault: z.object({ value: z.unknown() }) }),
});

/**
 * The values of the array that each call of OpenNebula answers.
 *
 * @throws Error for what is none; XmlRpcFault
 */
export function readAnswer(text: string): readonly XmlRpcValue[] {
  const read = readXml(text);
  const parsed = answer.safeParse(read);
  if (parsed.success) return parsed.data.methodResponse.params.param.value.array.data.value;
  if (faultAnswer.safeParse(read).success) throw new XmlRpcFault('an XML-RPC fault');
  throw new Error('no answer of XML-RPC', { cause: parsed.error });
}
