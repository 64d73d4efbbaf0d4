/** An error as Redfish has it (DSP0266, "Error responses"). */
export class Refusal extends Error {
  readonly status: number;
  readonly messageId: string;

  /** @param messageId with its registry, such as `Base.1.8.PropertyMissing`. */
  constructor(status: number, messageId: string, message = messageId) {
    super(message);
    this.status = status;
    this.messageId = messageId;
  }

  get body(): object {
    const info = { MessageId: this.messageId, Message: this.message, Severity: 'Critical' };
    return {
      error: {
        code: 'Base.1.8.GeneralError',
        message: 'A general error has occurred. See ExtendedInfo for more information.',
        '@Message.ExtendedInfo': [{ ...info, Resolution: 'None', MessageArgs: [] }],
      },
    };
  }
}

export function notFound(what: string): Refusal {
  return new Refusal(404, 'Base.1.8.ResourceMissingAtURI', `the resource ${what} was not found`);
}

export function propertyMissing(name: string): Refusal {
  return new Refusal(400, 'Base.1.8.PropertyMissing', `the property ${name} is required`);
}

export function valueNotInList(name: string, value: unknown): Refusal {
  const message = `the value ${JSON.stringify(value)} for ${name} is not in the list`;
  return new Refusal(400, 'Base.1.8.PropertyValueNotInList', message);
}

export function propertyUnknown(name: string): Refusal {
  return new Refusal(400, 'Base.1.8.PropertyUnknown', `the property ${name} is not known`);
}
