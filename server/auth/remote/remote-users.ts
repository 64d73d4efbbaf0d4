import { GatewayError } from '../../errors.ts';
import { foldedName } from '../folded-name.ts';
import type { Principal } from '../principal.ts';
import type { KnownPeople } from './known-people.ts';
import { type GroupMapping, grantOf } from './group-mapping.ts';
import {
  type RemoteIdentity,
  type RemotePerson,
  type SourceRef,
  sourceName,
} from './remote-identity.ts';

/** Milliseconds for which an identity is believed before its source is asked again. */
const IDENTITY_MS = 2 * 3600 * 1000;
/** As long as a local user's. */
const NAME_LENGTH = 128;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** A source as the configuration has it. */
export interface RemoteSource extends GroupMapping {
  readonly ref: SourceRef;
  /** Goes before each of its names. No two sources have the same. */
  readonly prefix: string;
}

/**
 * Who comes in by a source, and under which name. A name belongs to one alone: those of the
 * configuration to whoever is written down there, each other one to the source with the longest
 * prefix that it begins with, and there to the first person who comes by it.
 */
export class RemoteUsers {
  readonly #sources: readonly RemoteSource[];
  readonly #reserved: ReadonlySet<string>;
  readonly #people: Pick<KnownPeople, 'claim'>;
  readonly #now: () => number;

  constructor(parts: {
    readonly sources: readonly RemoteSource[];
    /** Names of local users and API tokens. */
    readonly reserved: readonly string[];
    readonly people: Pick<KnownPeople, 'claim'>;
    readonly now: () => number;
  }) {
    this.#sources = parts.sources;
    this.#reserved = new Set(parts.reserved.map(foldedName));
    this.#people = parts.people;
    this.#now = parts.now;
  }

  /**
   * Lets somebody in whom a source has just recognised.
   *
   * @throws GatewayError `not_permitted` for who has no group that lets them in, `name_taken` where
   * the name is another's, `redis_unavailable`
   */
  async admit(ref: SourceRef, person: RemotePerson): Promise<Principal> {
    const source = this.#sourceOf(ref);
    if (!source) throw new Error(`no source ${sourceName(ref)}`);
    const name = `${source.prefix}${person.name}`;
    const from = sourceName(ref);
    if (person.name.trim() === '' || name.length > NAME_LENGTH || UNPRINTABLE.test(name)) {
      throw new GatewayError('not_permitted', `${from} gives a name that cannot be one here`);
    }
    if (!this.#belongsTo(source, name)) {
      throw new GatewayError(
        'name_taken',
        `the name that ${from} gives belongs to another account`,
      );
    }
    const granted = grantOf(person, source);
    if (!granted) {
      throw new GatewayError('not_permitted', `no group of ${from} lets this account in`);
    }
    const { subject } = person;
    if (subject !== null && !(await this.#people.claim(name, subject))) {
      throw new GatewayError(
        'name_taken',
        `the name that ${from} gives was another person's before`,
      );
    }
    const until = this.#now() + IDENTITY_MS;
    return principalOf({ source: source.ref, name, ...granted, until });
  }

  /** Somebody who was admitted before; undefined when that holds no more. */
  principal(identity: RemoteIdentity): Principal | undefined {
    const source = this.#sourceOf(identity.source);
    if (!source || this.#now() >= identity.until) return undefined;
    if (!this.#belongsTo(source, identity.name)) return undefined;
    return principalOf(identity);
  }

  #sourceOf({ type, id }: SourceRef): RemoteSource | undefined {
    return this.#sources.find(({ ref }) => ref.type === type && ref.id === id);
  }

  #belongsTo(source: RemoteSource, name: string): boolean {
    const [owner] = this.#sources
      .filter(({ prefix }) => foldedName(name).startsWith(foldedName(prefix)))
      .toSorted((one, other) => other.prefix.length - one.prefix.length);
    return owner === source && !this.#reserved.has(foldedName(name));
  }
}

function principalOf(remote: RemoteIdentity): Principal {
  const { name, role, machines } = remote;
  return { name, role, via: 'session', machines, scope: null, remote };
}
