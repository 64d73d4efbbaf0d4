import type { StatusCode } from '../contract/index.ts';

/** What a provider is asked; everything else that it can be asked is `other`. */
export type ProviderCall = 'list' | 'get' | 'resolve' | 'power' | 'other';

/** What is counted of calls of providers. */
export interface ProviderMetrics {
  /** A call is over, retries and waits included. */
  called(
    provider: string,
    call: ProviderCall,
    outcome: StatusCode | 'ok' | 'cancelled',
    seconds: number,
  ): void;
}
