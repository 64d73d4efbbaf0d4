import { z } from 'zod';

const state = z.object({
  waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  running: z.object({}).optional(),
  terminated: z
    .object({
      exitCode: z.int(),
      reason: z.string().optional(),
      message: z.string().optional(),
    })
    .optional(),
});

/** What is read of a pod (Kubernetes API, core/v1 Pod). */
export const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    resourceVersion: z.string().default(''),
    deletionTimestamp: z.string().optional(),
  }),
  status: z
    .object({
      phase: z.string().default('Pending'),
      reason: z.string().optional(),
      message: z.string().optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().optional(),
            message: z.string().optional(),
          }),
        )
        .default([]),
      containerStatuses: z
        .array(z.object({ name: z.string(), state: state.default({}) }))
        .default([]),
    })
    .prefault({}),
});

export type Pod = z.output<typeof podSchema>;

export const podListSchema = z.object({ items: z.array(podSchema) });

/** One line of a watch. What is no pod ends it. */
export const watchEventSchema = z.object({ type: z.string(), object: z.unknown() });

/** What the API says of a call that fails, and of a command that has ended (meta/v1 Status). */
export const statusSchema = z.object({
  kind: z.literal('Status').optional(),
  status: z.string().optional(),
  reason: z.string().default(''),
  message: z.string().default(''),
});
