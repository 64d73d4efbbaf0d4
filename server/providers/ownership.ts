import { z } from 'zod';
import { strict } from './config-fields.ts';

/**
 * Where a provider's own data say whose a machine is. `label` is the name of a label with a value
 * (`owner` for `owner=alice`), or with one `*` for the name a label without (`customer-*` for
 * `customer-alice`). `names` has our customer for what stands there.
 */
export const ownership = strict({
  label: z
    .string()
    .min(1)
    .max(400)
    .refine((label) => label.split('*').length <= 2, { error: 'expected at most one *' }),
  names: z.record(z.string(), z.string().min(1)).default({}),
});
export type Ownership = z.output<typeof ownership>;

/**
 * The customer whose machine it is, by its labels (`name` or `name=value`). Two that say otherwise
 * are nobody's: a machine is not shown to the wrong customer.
 */
export function ownerOf(labels: readonly string[], rule: Ownership | undefined): string | null {
  if (!rule) return null;
  const pattern = rule.label.includes('*') ? rule.label : `${rule.label}=*`;
  const [before = '', after = ''] = pattern.split('*');
  const found = new Set<string>();
  for (const label of labels) {
    const rest = label.length - before.length - after.length;
    if (rest <= 0 || !label.startsWith(before) || !label.endsWith(after)) continue;
    const said = label.slice(before.length, before.length + rest);
    found.add(Object.hasOwn(rule.names, said) ? (rule.names[said] ?? said) : said);
  }
  const [owner = null] = found;
  return found.size === 1 ? owner : null;
}
