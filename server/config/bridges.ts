import { z } from 'zod';
import { strict } from '../providers/config-fields.ts';

/** Addresses that mean every interface, by which nobody can be found. */
const ANY = ['0.0.0.0', '::'];

/** Where the gateway's bridges wait for guacd. */
export const bridges = strict({
  listen: z.union([z.ipv4(), z.ipv6()], { error: 'expected an IP address' }).default('127.0.0.1'),
  advertise: z.string().min(1).max(253).optional(),
}).refine(({ listen, advertise }) => advertise !== undefined || !ANY.includes(listen), {
  path: ['advertise'],
  error: 'expected the host name or address by which guacd reaches this gateway',
});
