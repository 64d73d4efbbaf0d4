import * as z from 'zod/mini';
import { GatewayError } from '../errors.ts';

/**
 * What a client sent, by the contract's schema.
 *
 * @throws GatewayError `invalid_request` that names every field at fault.
 */
export function parse<T extends z.ZodMiniType>(schema: T, value: unknown): z.output<T> {
  const result = z.safeParse(schema, value ?? {});
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({
    path: issue.path.join('.') || ('keys' in issue ? issue.keys.join(', ') : ''),
    message: isMissing(issue) ? 'is missing' : issue.message,
  }));
  const first = errors[0];
  const where = first?.path ? `${first.path}: ` : '';
  throw new GatewayError('invalid_request', `${where}${first?.message ?? 'is not as expected'}`, {
    errors,
  });
}

/** zod tells it from another wrong type by its words alone. */
function isMissing({ code, message }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' && message.endsWith('received undefined');
}
