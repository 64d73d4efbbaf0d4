/** What the engine answers in the place of what was asked. */
export class Refusal extends Error {
  readonly status: number;
  /** Undefined is an empty body. */
  readonly detail: string | undefined;

  constructor(status: number, detail?: string) {
    super(detail ?? `HTTP ${status}`);
    this.status = status;
    this.detail = detail;
  }
}
