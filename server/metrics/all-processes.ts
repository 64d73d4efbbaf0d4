import { AggregatorRegistry, type Registry } from 'prom-client';

/** What a process has counted and measured so far, as a message can carry it. */
export type Counts = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** The metrics of this process and of those that work for it as one, by each metric's aggregator. */
export class AllProcesses {
  readonly #own: Registry;
  #others: () => Promise<readonly Counts[]> = async () => [];

  constructor(own: Registry) {
    this.#own = own;
  }

  get contentType(): string {
    return this.#own.contentType;
  }

  /** `others` is asked at each reading. */
  include(others: () => Promise<readonly Counts[]>): void {
    this.#others = others;
  }

  async metrics(): Promise<string> {
    const [own, others] = await Promise.all([this.#own.getMetricsAsJSON(), this.#others()]);
    return AggregatorRegistry.aggregate([own, ...others]).metrics();
  }
}

/** Of what a process that has ended had counted, what stays true: a total must not become less. */
export function totalsOf(counts: Counts): Counts {
  // prom-client 15 has words at run time where its types have numbers.
  return counts.filter(({ type }) => String(type) !== 'gauge');
}

export function addUp(counts: readonly Counts[]): Promise<Counts> {
  return AggregatorRegistry.aggregate([...counts]).getMetricsAsJSON();
}
