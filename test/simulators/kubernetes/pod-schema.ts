import { z } from 'zod';

/** The pods that a namespace takes whose Pod Security level is `restricted`; the rest as the gateway makes it. */
const memory = z.string().regex(/^\d+Mi$/);
const cpu = z.string().regex(/^\d+m?$|^\d+\.\d+$/);
const resources = z.strictObject({ memory, cpu });
const label = z.string().regex(/^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/);
const labels = z.record(z.string(), label);
const volume = (name: string) =>
  z.strictObject({
    name: z.literal(name),
    emptyDir: z.strictObject({ medium: z.literal('Memory'), sizeLimit: memory }),
  });

export const strictPod = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Pod'),
  metadata: z.strictObject({
    name: z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/),
    labels,
    annotations: z.record(z.string(), z.string()),
  }),
  spec: z.strictObject({
    nodeSelector: labels.optional(),
    restartPolicy: z.literal('Never'),
    terminationGracePeriodSeconds: z.int().min(0),
    automountServiceAccountToken: z.literal(false),
    enableServiceLinks: z.literal(false),
    securityContext: z.strictObject({
      runAsNonRoot: z.literal(true),
      runAsUser: z.int().min(1),
      runAsGroup: z.int().min(1),
      fsGroup: z.int().min(1),
      seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
    }),
    containers: z.tuple([
      z.strictObject({
        name: z.literal('screen'),
        image: z.string().min(1),
        imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
        args: z.array(z.string()),
        resources: z.strictObject({ requests: resources, limits: resources }),
        securityContext: z.strictObject({
          allowPrivilegeEscalation: z.literal(false),
          privileged: z.literal(false),
          readOnlyRootFilesystem: z.literal(true),
          capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
        }),
        volumeMounts: z.tuple([
          z.strictObject({ name: z.literal('files'), mountPath: z.literal('/tmp') }),
          z.strictObject({ name: z.literal('shared'), mountPath: z.literal('/dev/shm') }),
        ]),
      }),
    ]),
    volumes: z.tuple([volume('files'), volume('shared')]),
  }),
});

export type StrictPod = z.output<typeof strictPod>;
