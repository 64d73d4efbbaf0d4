import { createHash } from 'node:crypto';
import type { Accounts } from './accounts.ts';
import type { Hardware } from './hardware.ts';
import { Refusal, notFound, propertyMissing, propertyUnknown, valueNotInList } from './refusal.ts';
import type { SimulatedVendor, VendorTraits } from './vendors.ts';

export interface Answer {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

export type Body = Readonly<Record<string, unknown>>;

export interface ResourceParts {
  readonly vendor: SimulatedVendor;
  readonly traits: VendorTraits;
  readonly accounts: Accounts;
  readonly hardware: Hardware;
  /** Whether IPMI is switched on, as the manager tells. */
  readonly ipmi: boolean;
}

const ROOT = '/redfish/v1';

/** The tree of Redfish resources behind the root, as one vendor has it. */
export class Resources {
  readonly #parts: ResourceParts;
  readonly #system: string;
  readonly #manager: string;

  constructor(parts: ResourceParts) {
    this.#parts = parts;
    this.#system = `${ROOT}/Systems/${parts.traits.system}`;
    this.#manager = `${ROOT}/Managers/${parts.traits.manager}`;
  }

  get root(): object {
    const { accounts, traits } = this.#parts;
    const link = (name: string) => ({ [name]: { '@odata.id': `${ROOT}/${name}` } });
    return {
      '@odata.id': `${ROOT}/`,
      ...{ Id: 'RootService', RedfishVersion: '1.9.0' },
      ...link('Systems'),
      ...link('Managers'),
      ...link('AccountService'),
      ...(accounts.sessionService && {
        ...link('SessionService'),
        Links: { Sessions: { '@odata.id': `${ROOT}/SessionService/Sessions` } },
      }),
      ...(Object.keys(traits.oem).length > 0 && { Oem: traits.oem }),
    };
  }

  get(path: string): object {
    const found = this.#find(path);
    if (!found) throw notFound(path);
    return { '@odata.id': path, ...found };
  }

  async patch(path: string, body: Body, ifMatch: string | undefined): Promise<Answer> {
    const { traits, accounts, hardware } = this.#parts;
    const current = this.get(path);
    if (traits.needsIfMatch && ifMatch === undefined) {
      throw new Refusal(428, 'Base.1.8.PreconditionRequired', 'If-Match is required');
    }
    if (ifMatch !== undefined && ifMatch !== etagOf(current)) {
      throw new Refusal(412, 'Base.1.8.PreconditionFailed', 'the ETag is another one');
    }
    if (path === this.#system) this.#patchSystem(body);
    else if (path.startsWith(`${ROOT}/AccountService/Accounts/`)) {
      if (!traits.accountSlots) throw methodNotAllowed();
      fillSlot(accounts, Number(path.split('/').at(-1)), body);
    } else if (path === `${this.#manager}/${hardware.attributesAt}`) {
      await this.#patchAttributes(body);
    } else throw methodNotAllowed();
    return { status: 200, body: this.get(path) };
  }

  async post(path: string, body: Body): Promise<Answer> {
    if (path === `${this.#system}/Actions/ComputerSystem.Reset`) return this.#reset(body);
    if (path === `${ROOT}/AccountService/Accounts`) return this.#addAccount(body);
    const [, drive, action] =
      /\/VirtualMedia\/(\w+)\/Actions\/VirtualMedia\.(InsertMedia|EjectMedia)$/.exec(path) ?? [];
    if (drive && this.#drive(drive)) {
      return action === 'InsertMedia' ? this.#insert(drive, body) : this.#eject(drive);
    }
    if (this.#find(path)) throw methodNotAllowed();
    throw notFound(path);
  }

  delete(path: string): Answer {
    const { accounts, traits } = this.#parts;
    const [, collection, id = ''] =
      /^\/redfish\/v1\/(SessionService\/Sessions|AccountService\/Accounts)\/(\w+)$/.exec(path) ??
      [];
    if (collection === 'SessionService/Sessions') accounts.signOut(id);
    else if (collection === undefined) throw methodNotAllowed();
    else {
      if (traits.accountSlots) throw methodNotAllowed();
      if (!accounts.slots.delete(Number(id))) throw notFound(path);
    }
    return { status: 204 };
  }

  #find(path: string): object | undefined {
    const { accounts, traits } = this.#parts;
    const members = (base: string, ids: readonly (string | number)[]) => ({
      'Members@odata.count': ids.length,
      Members: ids.map((id) => ({ '@odata.id': `${base}/${id}` })),
    });
    const slots = traits.accountSlots
      ? Array.from({ length: 15 }, (_none, index) => index + 2)
      : [...accounts.slots.keys()];
    switch (path) {
      case `${ROOT}/Systems`:
        return members(path, [traits.system]);
      case `${ROOT}/Managers`:
        return members(path, [traits.manager]);
      case `${ROOT}/AccountService`:
        return { Accounts: { '@odata.id': `${path}/Accounts` } };
      case `${ROOT}/AccountService/Accounts`:
        return members(path, slots);
      case this.#system:
        return this.#systemView();
      case this.#manager:
        return this.#managerView();
      case `${this.#manager}/NetworkProtocol`:
        return { IPMI: { ProtocolEnabled: this.#parts.ipmi, Port: 623 } };
      case `${this.#manager}/${this.#parts.hardware.attributesAt}`:
        return this.#attributes();
      case `${this.#manager}/VirtualMedia`:
        return traits.mediaUnder ? members(path, ['CD', 'Floppy']) : undefined;
    }
    const [, slot] = /\/AccountService\/Accounts\/(\d+)$/.exec(path) ?? [];
    if (slot && slots.includes(Number(slot))) return accountView(accounts, Number(slot));
    const [, drive] = /\/VirtualMedia\/(\w+)$/.exec(path) ?? [];
    return drive && path.startsWith(this.#manager) ? this.#drive(drive) : undefined;
  }

  #systemView(): object {
    const { traits, hardware } = this.#parts;
    const { target, enabled } = hardware.boot;
    return {
      ...{
        Id: traits.system,
        PowerState: this.#powerState(),
        Model: 'Lab 1000',
        SerialNumber: 'L1',
      },
      ...(traits.led === 'IndicatorLED'
        ? { IndicatorLED: hardware.identifying ? 'Blinking' : 'Off' }
        : { LocationIndicatorActive: hardware.identifying }),
      Boot: {
        BootSourceOverrideTarget: target,
        BootSourceOverrideEnabled: enabled,
        'BootSourceOverrideTarget@Redfish.AllowableValues': traits.bootTargets,
      },
      Actions: {
        '#ComputerSystem.Reset': {
          target: `${this.#system}/Actions/ComputerSystem.Reset`,
          'ResetType@Redfish.AllowableValues': traits.resetTypes,
        },
      },
    };
  }

  #managerView(): object {
    const { traits, vendor } = this.#parts;
    const under = (name: string) => ({ '@odata.id': `${this.#manager}/${name}` });
    return {
      ...{ Id: traits.manager, NetworkProtocol: under('NetworkProtocol') },
      ...(vendor === 'openbmc' && { Model: 'OpenBmc', Oem: { OpenBmc: {} } }),
      ...(traits.mediaUnder && { VirtualMedia: under('VirtualMedia') }),
    };
  }

  #powerState(): 'On' | 'Off' {
    const { hardware } = this.#parts;
    if (hardware.power === 'On' || hardware.lingers === 0) return hardware.power;
    hardware.lingers -= 1;
    return 'On';
  }

  #reset({ ResetType: type }: Body): Answer {
    const { traits, hardware } = this.#parts;
    if (type === undefined) throw propertyMissing('ResetType');
    if (typeof type !== 'string' || !traits.resetTypes.includes(type)) {
      throw valueNotInList('ResetType', type);
    }
    const starts = type === 'On' || type === 'ForceOn';
    if (starts === (hardware.power === 'On' || hardware.lingers > 0)) {
      throw new Refusal(409, 'Base.1.8.ResourceCannotBeReset', `the server is ${hardware.power}`);
    }
    hardware.resets.push(type);
    if (starts) hardware.power = 'On';
    if (type === 'ForceOff' || type === 'GracefulShutdown') hardware.power = 'Off';
    return { status: 204 };
  }

  #patchSystem(body: Body): void {
    const { traits, hardware } = this.#parts;
    for (const [name, value] of Object.entries(body)) {
      if (name === traits.led) {
        hardware.identifying = value === 'Blinking' || value === true;
      } else if (name === 'Boot') {
        const boot = value as Body;
        const target = boot['BootSourceOverrideTarget'];
        const enabled = boot['BootSourceOverrideEnabled'];
        if (typeof target !== 'string' || !traits.bootTargets.includes(target)) {
          throw valueNotInList('BootSourceOverrideTarget', target);
        }
        if (enabled !== 'Once' && enabled !== 'Disabled') {
          throw valueNotInList('BootSourceOverrideEnabled', enabled);
        }
        hardware.boot = { target, enabled };
      } else throw propertyUnknown(name);
    }
  }

  #attributes(): object | undefined {
    const { vendor, hardware } = this.#parts;
    if (vendor !== 'dell') return undefined;
    const known = Object.entries(hardware.attributes).filter(
      ([name]) => hardware.licences.has('vnc') || !name.startsWith('VNCServer.'),
    );
    // A password is never read back.
    const shown = known.map(([name, value]) => [name, name.endsWith('.Password') ? null : value]);
    return { Attributes: Object.fromEntries(shown) as object };
  }

  async #patchAttributes({ Attributes: wanted, ...rest }: Body): Promise<void> {
    const { hardware } = this.#parts;
    for (const name of Object.keys(rest)) throw propertyUnknown(name);
    if (typeof wanted !== 'object' || wanted === null) throw propertyMissing('Attributes');
    for (const [name, value] of Object.entries(wanted)) {
      if (!(name in hardware.attributes) || !hardware.licences.has('vnc')) {
        throw propertyUnknown(name);
      }
      if (name === 'VNCServer.1.Password' && String(value).length > 8) {
        throw new Refusal(400, 'IDRAC.2.8.RAC016', 'the password has more than 8 characters');
      }
      hardware.attributes[name] = value as string;
    }
    await hardware.onAttributes();
  }

  #drive(id: string): object | undefined {
    const { traits, hardware } = this.#parts;
    const drive = traits.mediaUnder && hardware.media.get(id);
    if (!drive) return undefined;
    const target = (action: string) => ({
      target: `${this.#manager}/VirtualMedia/${id}/Actions/VirtualMedia.${action}`,
    });
    return {
      ...{ Id: id, MediaTypes: id === 'CD' ? ['CD', 'DVD'] : ['Floppy', 'USBStick'] },
      ...{ Image: drive.image, Inserted: drive.image !== null },
      ...{
        WriteProtected: drive.writeProtected,
        ConnectedVia: drive.image ? 'URI' : 'NotConnected',
      },
      Actions: {
        '#VirtualMedia.InsertMedia': target('InsertMedia'),
        '#VirtualMedia.EjectMedia': target('EjectMedia'),
      },
    };
  }

  #insert(id: string, { Image: image }: Body): Answer {
    const { hardware } = this.#parts;
    const drive = hardware.media.get(id);
    if (!hardware.licences.has('media')) {
      throw new Refusal(403, 'iLO.2.14.LicenseKeyRequired', 'A license key is required.');
    }
    if (typeof image !== 'string') throw propertyMissing('Image');
    if (!/^https?:\/\//.test(image)) throw valueNotInList('Image', image);
    if (!drive) throw notFound(id);
    if (drive.image !== null) {
      throw new Refusal(409, 'Base.1.8.ResourceInUse', 'media is inserted already');
    }
    drive.image = image;
    return { status: 204 };
  }

  #eject(id: string): Answer {
    const drive = this.#parts.hardware.media.get(id);
    if (!drive?.image) throw new Refusal(409, 'Base.1.8.ResourceNotInUse', 'nothing is inserted');
    drive.image = null;
    return { status: 204 };
  }

  #addAccount(body: Body): Answer {
    const { accounts, traits } = this.#parts;
    if (traits.accountSlots) throw methodNotAllowed();
    const { UserName: name, Password: password, RoleId: role } = body;
    for (const [key, value] of Object.entries({ UserName: name, Password: password, RoleId: role }))
      if (typeof value !== 'string' || value === '') throw propertyMissing(key);
    if (String(name).length > 16) throw valueNotInList('UserName', name);
    if (String(password).length > 20) throw valueNotInList('Password', '***');
    if (accounts.named(String(name))) {
      throw new Refusal(400, 'Base.1.8.ResourceAlreadyExists', 'there is such an account');
    }
    const slot = accounts.freeSlot();
    accounts.add(String(name), String(password), String(role));
    const path = `${ROOT}/AccountService/Accounts/${slot}`;
    return { status: 201, body: this.get(path), headers: { location: path } };
  }
}

export function etagOf(resource: object): string {
  const hash = createHash('sha256').update(JSON.stringify(resource)).digest('hex').slice(0, 8);
  return `W/"${hash}"`;
}

function accountView(accounts: Accounts, slot: number): object {
  const account = accounts.slots.get(slot);
  return {
    ...{ Id: String(slot), UserName: account?.name ?? '', RoleId: account?.role ?? 'None' },
    ...{ Enabled: account?.enabled ?? false, Password: null },
  };
}

/** An iDRAC's accounts are slots: a name makes one, an empty name ends one that is disabled. */
function fillSlot(accounts: Accounts, slot: number, body: Body): void {
  const { UserName: name, Password: password, RoleId: role, Enabled: enabled } = body;
  const account = accounts.slots.get(slot);
  if (name === '') {
    if (account?.enabled) throw new Refusal(400, 'IDRAC.2.8.SYS428', 'the account is enabled');
    accounts.slots.delete(slot);
  } else if (account) {
    if (name !== undefined) throw new Refusal(400, 'IDRAC.2.8.SYS428', 'the slot is taken');
    account.enabled = enabled === true;
    account.role = String(role);
  } else {
    if (typeof name !== 'string') throw propertyMissing('UserName');
    if (typeof password !== 'string') throw propertyMissing('Password');
    const rights = { role: String(role), enabled: enabled === true };
    accounts.slots.set(slot, { name, password, ...rights, failures: 0 });
  }
}

function methodNotAllowed(): Refusal {
  return new Refusal(405, 'Base.1.8.OperationNotAllowed', 'the operation is not allowed');
}
