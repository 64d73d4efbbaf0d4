/** An answer that is none: Proxmox says what is wrong behind the status, newer versions in the body too. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: Readonly<Record<string, string>> | undefined;

  constructor(status: number, message: string, errors?: Readonly<Record<string, string>>) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/** What the schema of each call does with what it does not know. */
export function checkFields(
  fields: Readonly<Record<string, string>>,
  known: Readonly<Record<string, RegExp>>,
  required: readonly string[] = [],
): void {
  const errors: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    const pattern = known[name];
    if (!pattern) {
      errors[name] =
        'property is not defined in schema and the schema does not allow additional properties';
    } else if (!pattern.test(value)) errors[name] = 'type check failed';
  }
  for (const name of required) {
    if (!(name in fields)) errors[name] = 'property is missing and it is not optional';
  }
  if (Object.keys(errors).length > 0) {
    throw new Refusal(400, 'Parameter verification failed.', errors);
  }
}
