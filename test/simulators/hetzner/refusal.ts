/** An answer of the cloud's that is an error: `{"error":{"code","message","details"}}`. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: unknown;

  constructor(status: number, code: string, message: string, details: unknown = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }

  get body(): object {
    const { code, message, details } = this;
    return { error: { code, message, details } };
  }
}

export function invalidInput(field: string, message: string): Refusal {
  const fields = [{ name: field, messages: [message] }];
  return new Refusal(422, 'invalid_input', `invalid input in field '${field}'`, { fields });
}

export function notFound(what: string): Refusal {
  return new Refusal(404, 'not_found', `${what} not found`);
}
