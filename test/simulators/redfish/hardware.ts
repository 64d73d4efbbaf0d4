/** What the server and its BMC are like at the moment. */
export class Hardware {
  power: 'On' | 'Off' = 'On';
  /** For so many looks a server that was switched off is said to be on. */
  lingers = 0;
  /** What was done to its power, in order: `On`, `ForceOff`. */
  readonly resets: string[] = [];
  boot: { target: string; enabled: 'Once' | 'Disabled' } = { target: 'None', enabled: 'Disabled' };
  identifying = false;
  readonly media = new Map([
    ['CD', emptyDrive('CD')],
    ['Floppy', emptyDrive('Floppy')],
  ]);
  /** Licences that the BMC has; without them a feature is refused. */
  readonly licences = new Set(['vnc', 'media']);
  /** Where an iDRAC has its attributes: that depends on its firmware. */
  attributesAt: 'Attributes' | 'Oem/Dell/DellAttributes/iDRAC.Embedded.1' = 'Attributes';
  /** Of an iDRAC, by their whole names. */
  readonly attributes: Record<string, string | number> = {
    'VNCServer.1.Enable': 'Disabled',
    'VNCServer.1.Port': 5901,
    'VNCServer.1.Timeout': 300,
    'VNCServer.1.MaxSessions': 2,
    'VNCServer.1.SSLEncryptionBitLength': 'Auto Negotiate',
    'VNCServer.1.LowerEncryptionBitLength': 'Disabled',
    'VNCServer.1.Password': '',
  };
  /** Told after each change of an attribute. */
  onAttributes: () => void | Promise<void> = () => undefined;
}

export interface Drive {
  readonly id: string;
  image: string | null;
  writeProtected: boolean;
}

function emptyDrive(id: string): Drive {
  return { id, image: null, writeProtected: true };
}
