import { z } from 'zod';
import { strict } from '../providers/config-fields.ts';

/** The screens on which consoles of BMCs are shown. docs/bmc-consoles.md */
export const kvm = strict({
  isolation: z.enum(['auto', 'bubblewrap', 'processes']).default('auto'),
  /** Most screens at once. */
  screens: z.int().min(1).max(1000).default(16),
  /** Screens that are kept ready for whoever comes, counted among `screens`. */
  warm: z.int().min(0).max(1000).default(0),
  /** Whether the BMCs' pages may be given disk images of the folder `images.path`. */
  images: z.boolean().default(false),
  /** MiB for each. */
  memory: z.int().min(384).max(8192).default(1024),
  /** Processors that each may keep busy. */
  cpus: z.number().min(0.25).max(64).default(2),
  /** Seconds for signing in at a BMC. */
  loginTimeout: z.int().min(1).max(110).default(60),
}).refine(({ warm, screens }) => warm <= screens, {
  path: ['warm'],
  error: 'expected no more than kvm.screens',
});
