import type { Pod } from './schema.ts';

export const CONTAINER = 'screen';

/** Reasons for which a container waits and will wait, by what they are about. */
const STUCK: readonly (readonly [readonly string[], string])[] = [
  [
    ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'],
    'the cluster cannot fetch the image of the screens',
  ],
  [
    [
      ...['CreateContainerConfigError', 'CreateContainerError'],
      ...['RunContainerError', 'CrashLoopBackOff'],
    ],
    'the cluster cannot start the container of the screen',
  ],
];

export type PodState =
  | { readonly is: 'running' }
  /** Not yet; why not, where that is said. */
  | { readonly is: 'pending'; readonly why: string }
  /** Never: a sentence, and the cluster's own words. */
  | { readonly is: 'stuck'; readonly why: string; readonly words: string };

/** What becomes of a pod, by its status. */
export function podState({ metadata, status }: Pod): PodState {
  const { phase, conditions, containerStatuses } = status;
  const { waiting, running, terminated } =
    containerStatuses.find(({ name }) => name === CONTAINER)?.state ?? {};
  if (phase === 'Failed' || phase === 'Succeeded' || terminated) {
    const { reason = '', message = '', exitCode } = { exitCode: null, ...status, ...terminated };
    const words = [reason, message].filter(Boolean).join(': ') || `ended with ${exitCode}`;
    return { is: 'stuck', why: 'the pod of the screen has ended', words };
  }
  if (metadata.deletionTimestamp !== undefined) {
    return { is: 'stuck', why: 'somebody deletes the pod of the screen', words: '' };
  }
  const { reason = '', message = '' } = waiting ?? {};
  const [, why] = STUCK.find(([reasons]) => reasons.includes(reason)) ?? [];
  if (why !== undefined) return { is: 'stuck', why, words: `${reason}: ${message}` };
  if (phase === 'Running' && running) return { is: 'running' };
  const unscheduled = conditions.find(
    (each) => each.type === 'PodScheduled' && each.status === 'False',
  );
  // Room may still be made: by the end of another pod, by another node.
  if (unscheduled) return { is: 'pending', why: 'no node of the cluster has room for the screen' };
  return { is: 'pending', why: 'the cluster has not started the pod of the screen in time' };
}
