import { Secret } from '../../../secret.ts';
import type { Notes, Place } from '../notes.ts';
import { type Host, type Inventory, type Variable, type Variables, VAULTED } from './inventory.ts';

/** A bare `{{ name }}`; filters, lookups and statements are Ansible's own business. */
const REFERENCE = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/g;
const TEMPLATE = /\{\{|\{%/;
/** Variables that name each other in a circle come to an end. */
const NESTED = 10;

/** What an inventory says of one host, with a memory of what of it was of use. */
export class HostVariables {
  readonly #vars: Variables;
  readonly #notes: Notes;
  readonly #host: Host;
  readonly #used = new Set<string>();

  constructor(host: Host, inventory: Inventory, notes: Notes) {
    this.#host = host;
    this.#vars = inventory.variablesOf(host);
    this.#notes = notes;
  }

  /**
   * The value of the last of these that is set, as text. One that is encrypted, or a template that only
   * Ansible can fill in, is noted and undefined.
   */
  text(...keys: readonly string[]): string | undefined {
    const set = keys.filter((key) => this.#vars.get(key)?.value !== undefined);
    for (const key of set) this.#used.add(key);
    const key = set.at(-1);
    const variable = key === undefined ? undefined : this.#vars.get(key);
    if (key === undefined || !variable || variable.value === null) return undefined;
    const filled = this.#filled(variable.value, NESTED);
    if (typeof filled === 'string') return filled === '' ? undefined : filled;
    this.#notes.add(variable.place, key, filled.why);
    return undefined;
  }

  has(key: string): boolean {
    return this.#vars.has(key);
  }

  secret(...keys: readonly string[]): Secret | undefined {
    const text = this.text(...keys);
    return text === undefined ? undefined : new Secret(text);
  }

  /** Where the first of these that is set was set; else the host's own place. */
  place(...keys: readonly string[]): Place {
    const found = keys.map((key) => this.#vars.get(key)).find((variable) => variable);
    return found?.place ?? this.#host.place;
  }

  /** Those that nothing was made of. */
  get unused(): readonly (readonly [string, Variable])[] {
    return [...this.#vars].filter(([key]) => !this.#used.has(key));
  }

  #filled(value: unknown, depth: number): string | { readonly why: string } {
    if (value === VAULTED) return { why: 'is encrypted by ansible-vault' };
    // As Python writes them, which is what Ansible would use.
    if (typeof value === 'boolean') return value ? 'True' : 'False';
    if (typeof value === 'number') return String(value);
    if (typeof value !== 'string') return { why: 'is neither text nor a number' };
    let why: string | undefined;
    const text = value.replace(REFERENCE, (all, name: string) => {
      const named = this.#named(name);
      const filled =
        named === undefined || depth === 0 ? undefined : this.#filled(named, depth - 1);
      if (typeof filled === 'string') {
        this.#used.add(name);
        return filled;
      }
      why = filled && `names ${name}, which ${filled.why}`;
      return all;
    });
    if (!TEMPLATE.test(text)) return text;
    return { why: why ?? 'is a template that only Ansible can fill in' };
  }

  #named(name: string): unknown {
    if (name === 'inventory_hostname') return this.#host.name;
    if (name === 'inventory_hostname_short') return this.#host.name.split('.', 1)[0];
    return this.#vars.get(name)?.value;
  }
}
