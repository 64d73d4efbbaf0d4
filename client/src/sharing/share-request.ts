import type { ShareRequest } from '../../../server/contract/index.ts';

/** How long a link works; `always` is as long as its console is open. */
export type LinkLife = 'quarter' | 'hour' | 'always';

const SECONDS: Readonly<Record<LinkLife, number | null>> = {
  quarter: 900,
  hour: 3600,
  always: null,
};

interface Wish {
  readonly readOnly: boolean;
  readonly life: LinkLife;
  /** As typed: empty for none. */
  readonly passphrase: string;
  readonly label: string;
}

/** What the gateway is asked for: nothing that was left empty. */
export function shareRequestOf({ readOnly, life, passphrase, label }: Wish): ShareRequest {
  const ttl = SECONDS[life];
  const note = label.trim();
  return {
    readOnly,
    ...(ttl !== null && { ttl }),
    ...(passphrase !== '' && { passphrase }),
    ...(note !== '' && { label: note }),
  };
}
