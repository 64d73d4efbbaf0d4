import { z } from 'zod';
import { strict } from '../../providers/config-fields.ts';
import type { CarrierMarks } from '../linked-runner.ts';
import type { ScreenLimits } from '../runner.ts';
import { CONTAINER } from './pod-state.ts';

/** Where a screen waits for its gateway. */
export const LINK_SOCKET = '/tmp/link';
export const LABELS = {
  installation: 'rackside.installation',
  gateway: 'rackside.gateway',
} as const;

/** The user of the image. */
const USER = 10_001;
const SHARED_MIB = 256;

const anything = z.record(z.string(), z.unknown());
const labels = z.record(z.string(), z.string());
/** By which pods are named and found. A label with the prefix of another program may be an order to it. */
const OWN_LABEL = /^(app\.kubernetes\.io\/)?[^/]+$/;
const ownLabels = labels.refine((given) => Object.keys(given).every((key) => OWN_LABEL.test(key)), {
  error: 'expected labels without a prefix, or with app.kubernetes.io/',
});
/**
 * By annotations a cluster's own programs loosen a pod: they give it networks, take its confinement away
 * or put containers into it, each under a name of its own. This one keeps it where it is.
 */
const annotations = strict({
  'cluster-autoscaler.kubernetes.io/safe-to-evict': z.enum(['true', 'false']).optional(),
});

/**
 * What whoever runs the cluster says of the pods: which image, where they run, what they are called. What
 * confines them is the gateway's own to say, and refused here.
 */
export const podTemplate = strict({
  apiVersion: z.literal('v1'),
  kind: z.literal('Pod'),
  metadata: strict({
    labels: ownLabels.default({}),
    annotations: annotations.default({}),
  }).prefault({}),
  spec: strict({
    containers: z
      .array(
        strict({
          name: z.literal(CONTAINER),
          image: z.string().min(1),
          imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
        }),
      )
      .length(1),
    imagePullSecrets: z.array(strict({ name: z.string().min(1) })).optional(),
    nodeSelector: labels.optional(),
    affinity: anything.optional(),
    tolerations: z.array(anything).optional(),
    topologySpreadConstraints: z.array(anything).optional(),
    priorityClassName: z.string().optional(),
    runtimeClassName: z.string().optional(),
    schedulerName: z.string().optional(),
    /** A user namespace of the pod's own, where the cluster has them. */
    hostUsers: z.literal(false).optional(),
  }),
});

export type PodTemplate = z.output<typeof podTemplate>;

export interface PodOptions extends CarrierMarks {
  readonly template: PodTemplate;
  readonly limits: ScreenLimits;
}

/**
 * The pod of one screen. It meets the Pod Security Standard `restricted`
 * (kubernetes.io/docs/concepts/security/pod-security-standards).
 */
export function podOf({ template, name, installation, gateway, limits }: PodOptions): object {
  const { metadata, spec } = template;
  const [container] = spec.containers;
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      name,
      annotations: metadata.annotations,
      labels: {
        ...metadata.labels,
        ...{ [LABELS.installation]: installation, [LABELS.gateway]: gateway },
      },
    },
    spec: {
      ...spec,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        ...{ runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, fsGroup: USER },
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          ...container,
          args: [LINK_SOCKET],
          resources: {
            requests: { memory: `${limits.memory}Mi`, cpu: '100m' },
            limits: { memory: `${limits.memory}Mi`, cpu: String(limits.cpus) },
          },
          securityContext: {
            ...{ allowPrivilegeEscalation: false, privileged: false },
            ...{ readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          },
          volumeMounts: [
            { name: 'files', mountPath: '/tmp' },
            { name: 'shared', mountPath: '/dev/shm' },
          ],
        },
      ],
      volumes: [
        memoryVolume('files', Math.floor(limits.memory / 4)),
        memoryVolume('shared', SHARED_MIB),
      ],
    },
  };
}

function memoryVolume(name: string, mib: number): object {
  return { name, emptyDir: { medium: 'Memory', sizeLimit: `${mib}Mi` } };
}
