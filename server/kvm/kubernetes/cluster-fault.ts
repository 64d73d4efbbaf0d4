import { GatewayError } from '../../errors.ts';
import { isCertificateFault } from '../../platform/tls-trust.ts';

/** What an answer of the cluster's API means for whoever runs the gateway. */
export function answerFault(
  { status, message }: { readonly status: number; readonly message: string },
  namespace: string,
): GatewayError {
  const cause = new Error(`HTTP ${status}: ${message}`);
  return new GatewayError('kvm_unavailable', sentence(status, message, namespace), { cause });
}

function sentence(status: number, message: string, namespace: string): string {
  if (status === 401) return "the cluster does not accept the gateway's token";
  if (status === 403 && /exceeded quota/i.test(message)) {
    return `the quota of the namespace ${namespace} is used up`;
  }
  if (status === 403 && /violates PodSecurity|admission/i.test(message)) {
    return `the namespace ${namespace} does not admit the pod of a screen`;
  }
  if (status === 403) return `the gateway may not do this in the namespace ${namespace}`;
  if (status === 404) return `the namespace ${namespace} or the pod in it is not there`;
  if (status === 400 || status === 422) return 'the cluster does not take the pod of a screen';
  return `the cluster's API answers HTTP ${status}`;
}

/** The API was not reached. */
export function connectionFault(cause: unknown): GatewayError {
  const inner = (cause as Error).cause ?? cause;
  const { code = '' } = inner as NodeJS.ErrnoException;
  const why = isCertificateFault(code)
    ? 'shows a certificate that its CA has not signed'
    : `cannot be reached${code && ` (${code})`}`;
  return new GatewayError('kvm_unavailable', `the cluster's API ${why}`, { cause });
}
