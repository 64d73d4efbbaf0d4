import type { ApprovalState, Approvers } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';

/** What a console waits for that somebody else has to approve, and who did. */
export interface Approval {
  readonly state: ApprovalState;
  readonly by: string | null;
  /** Each list has to have the approver in it; without any, the role decides. */
  readonly approvers: readonly Approvers[];
  /** Milliseconds that the console lives from its approval on. */
  readonly ttl: number;
}

interface Approvable {
  readonly approval: Approval | null;
}

export function isPending({ approval }: Approvable): boolean {
  return approval?.state === 'pending';
}

/** @throws GatewayError `approval_pending` */
export function assertApproved(record: Approvable): void {
  if (isPending(record)) {
    throw new GatewayError('approval_pending', 'somebody else has to approve this console first');
  }
}

/** @throws GatewayError `approval_settled` where there is nothing to decide, or not any more. */
export function assertToDecide({ approval }: Approvable): void {
  if (approval?.state === 'pending') return;
  const message = approval
    ? `${approval.by ?? 'somebody'} has approved this console already`
    : 'nobody has to approve this console';
  throw new GatewayError('approval_settled', message);
}
