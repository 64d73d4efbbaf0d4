import assert from 'node:assert/strict';
import type { ConsoleKind, PowerAction, StatusCode } from '../../server/contract/index.ts';
import { CONSOLE_KINDS } from '../../server/contract/index.ts';
import { GatewayError } from '../../server/errors.ts';
import {
  checkedEndpoint,
  checkedMachine,
  checkedMachines,
} from '../../server/providers/checked-machines.ts';
import type { Provider, ResolveRequest } from '../../server/providers/provider.ts';
import { type Disposables, cleanUp } from '../support/dispose.ts';

/** A provider whose remote is there, and what a test knows of it. */
export interface ProviderUnderTest {
  readonly provider: Provider;
  /** A machine that it has, with a console that opens. */
  readonly machine: { readonly id: string; readonly kind: ConsoleKind };
  /** An id that it could have and has not. */
  readonly absent: string;
  /** A machine that can be switched, and how; absent where none can. */
  readonly power?: { readonly id: string; readonly action: PowerAction };
  /** The gateway's own credentials, and whatever else nobody may read. */
  readonly secrets: readonly string[];
  /** What its remote can be made to do; absent where there is no remote. */
  readonly remote?: {
    /** Fails every call, by its protocol's own means. */
    down(): void | Promise<void>;
    /** Accepts calls and does not answer. Not of files. */
    silent?(): void | Promise<void>;
    /** Answers with something else than it should. Not of files. */
    nonsense?(): void | Promise<void>;
    /** Does not accept the gateway's credentials. */
    refusing?(): void | Promise<void>;
    /** Is well again. */
    up(): void | Promise<void>;
  };
}

/** Who waits has gone: a provider lets go at least this soon. ms */
const LETS_GO_MS = 2000;
/** Ids that a user can ask for and nobody has. */
const STRANGE_IDS = ['', '..', '../../etc/passwd', 'a b', 'x?y=1', 'имя', 'x'.repeat(300), '0'];

/** What a provider has of what not every one has. */
export interface ProviderTraits {
  readonly power?: boolean;
  /** `files` are there or are not, and answer nothing. */
  readonly remote?: boolean | 'files';
  /** Its remote can be made to refuse the gateway's credentials. */
  readonly credentials?: boolean;
  /** Each machine has a remote of its own: what it is when that one fails. */
  readonly unavailable?: StatusCode;
}

/** What every provider promises, whatever is behind it. Called in a `describe` or at the top. */
export function keepsTheContract(
  name: string,
  traits: ProviderTraits,
  start: (parts: Disposables) => Promise<ProviderUnderTest>,
): void {
  describe(`${name} as a provider`, () => {
    const parts = cleanUp();
    let under: ProviderUnderTest;
    /** What was told to anybody. */
    const told: string[] = [];

    before(async () => {
      under = await start(parts);
    });

    function request(more: Partial<ResolveRequest> = {}): ResolveRequest {
      const { id, kind } = under.machine;
      const nothing = () => undefined;
      const { signal } = new AbortController();
      return { machineId: id, kind, onStep: nothing, onFault: nothing, signal, ...more };
    }

    /** Rejects with one of these rows, in a sentence that begins with the provider's name. */
    async function refused(call: Promise<unknown>, ...statuses: string[]): Promise<void> {
      const error = await call.then(
        (value) => assert.fail(`it was not refused, but: ${JSON.stringify(value)}`),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof GatewayError, `no GatewayError: ${String(error)}`);
      assert.ok(statuses.includes(error.status), `${error.status}: ${error.message}`);
      assert.match(error.message, new RegExp(`^${under.provider.id}[: ]`));
      told.push(error.message);
    }

    it('lists its machines, each with an id of its own', async () => {
      const { provider, machine } = under;
      const listed = checkedMachines(provider.id, await provider.list());
      const found = listed.find(({ id }) => id === machine.id);
      assert.ok(found?.consoles.includes(machine.kind));
      told.push(JSON.stringify(listed));
    });

    it('finds one machine as it is in the list', async () => {
      const { provider, machine } = under;
      const found = checkedMachine(provider.id, machine.id, await provider.get(machine.id));
      const listed = (await provider.list()).find(({ id }) => id === machine.id);
      assert.deepEqual(found, checkedMachine(provider.id, machine.id, listed));
    });

    it('finds nothing by an id that there is not, however strange', async () => {
      for (const id of [under.absent, ...STRANGE_IDS]) {
        assert.equal(await under.provider.get(id), undefined, id);
      }
    });

    it('resolves a console, and releases it twice', async () => {
      const endpoint = checkedEndpoint(under.provider.id, await under.provider.resolve(request()));
      await endpoint.release();
      await endpoint.release();
    });

    it('resolves no console of a machine that there is not', async () => {
      for (const machineId of [under.absent, '..', 'a b']) {
        await refused(under.provider.resolve(request({ machineId })), 'machine_not_found');
      }
    });

    it('resolves no console of a kind that the machine has not', async () => {
      const { provider, machine } = under;
      const has = (await provider.get(machine.id))?.consoles ?? [];
      const kind = CONSOLE_KINDS.find((one) => !has.includes(one));
      if (kind) await refused(provider.resolve(request({ kind })), 'console_kind_unavailable');
    });

    it(`switches what it says it can${traits.power ? '' : ': nothing'}`, async () => {
      const { provider, power, absent } = under;
      const { power: switchIt } = provider;
      assert.equal(switchIt !== undefined, traits.power ?? false);
      if (!switchIt) return;
      const command = (id: string, action: PowerAction) => switchIt.call(provider, id, action);
      await refused(command(absent, 'on'), 'machine_not_found');
      if (!power) return;
      const can = (await provider.get(power.id))?.powerActions ?? [];
      assert.ok(can.includes(power.action), `it can: ${can.join(', ')}`);
      if (!can.includes('nmi')) await refused(command(power.id, 'nmi'), 'power_unavailable');
      await command(power.id, power.action);
    });

    const unavailable = ['provider_unavailable', traits.unavailable ?? 'provider_unavailable'];

    function failsInWords(): void {
      afterEach(() => under.remote?.up());

      const calls = (): Promise<unknown>[] => [
        under.provider.list(),
        under.provider.get(under.machine.id),
        under.provider.resolve(request()),
      ];

      it('says that it cannot be reached', async () => {
        await under.remote?.down();
        await Promise.all(calls().map((call) => refused(call, ...unavailable)));
      });

      it('is there again with its remote', async () => {
        await under.remote?.down();
        await refused(under.provider.list(), 'provider_unavailable');
        await under.remote?.up();
        await under.provider.list();
        await (await under.provider.resolve(request())).release();
      });

      if (traits.remote !== 'files') answersWrongly(calls);
    }

    function answersWrongly(calls: () => Promise<unknown>[]): void {
      it('says that the answer is none', async () => {
        await under.remote?.nonsense?.();
        await Promise.all(calls().map((call) => refused(call, ...unavailable)));
      });

      if (traits.credentials) {
        it('says that its credentials are not accepted', async () => {
          await under.remote?.refusing?.();
          await Promise.all(
            calls().map((call) => refused(call, 'provider_refused', 'provider_unavailable')),
          );
        });
      }

      it('lets go when nobody waits any more', async () => {
        await under.remote?.silent?.();
        const leaving = new AbortController();
        const { signal } = leaving;
        const waiting = [
          under.provider.list(signal),
          under.provider.get(under.machine.id, signal),
          under.provider.resolve(request({ signal })),
        ].map((call) => assert.rejects(call));
        const began = performance.now();
        leaving.abort();
        await Promise.all(waiting);
        assert.ok(performance.now() - began < LETS_GO_MS);
      });
    }

    if (traits.remote) describe('whose remote fails', failsInWords);

    // A suite of its own, to come last.
    describe('to whom its secrets are entrusted', () => {
      it('has told them to nobody', () => {
        for (const secret of under.secrets) {
          for (const text of told) {
            assert.ok(!text.includes(secret), text.replaceAll(secret, '***'));
          }
        }
      });
    });
  });
}
