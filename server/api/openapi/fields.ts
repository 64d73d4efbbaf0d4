interface Field {
  readonly description?: string;
  /** As a call would have it. */
  readonly example?: unknown;
}

const page: Record<string, Field> = {
  limit: { description: 'how many at most' },
  cursor: { description: 'the `next` of the page before' },
};

/**
 * What the document says of fields whose name and type do not say it all, by schema and field. Not in
 * the schemas themselves, which the page carries with it.
 */
export const FIELDS: Readonly<Record<string, Field>> = {
  'LoginRequest.username': { example: 'alice' },
  'LoginRequest.password': { example: 'correct horse battery staple' },
  'MachineQuery.q': {
    description: 'a part of the id, the name, a label or an address, whatever its case',
  },
  'MachineQuery.limit': page['limit'] ?? {},
  'MachineQuery.cursor': page['cursor'] ?? {},
  'MachineList.providers': { description: 'where the machines come from; none for customers' },
  'ProviderView.machines': { description: 'how many it was last heard to have' },
  'ProviderView.heardAt': { description: 'when its list was last heard; null where it never was' },
  'ProviderView.failing': { description: 'it does not answer since' },
  'ProviderView.reason': { description: 'why it fails' },
  'SyncRequest.provider': { description: 'all of them if absent' },
  'SyncAnswer.providers': { description: 'who is asked' },
  'MachineView.id': { description: '`<provider>:<local id>`', example: 'lab:desk' },
  'MachineView.consoles': { description: 'the kinds that it has, the default first' },
  'MachineView.state': { description: 'why no console of it opens now' },
  'MachineView.labels': { description: 'the provider’s own', example: ['env=prod'] },
  'MachineView.stale': { description: 'its provider does not answer: this is how it was' },
  'MachineView.staleSince': { description: 'when it was so' },
  'CreateConsoleRequest.machine': { description: 'id of the machine', example: 'lab:desk' },
  'CreateConsoleRequest.kind': { description: 'the first of the machine’s `consoles` if absent' },
  'CreateConsoleRequest.readOnly': { description: 'passes on nothing that is typed or clicked' },
  'CreateConsoleRequest.ttl': {
    description: 'seconds until it expires, at most `consoles.maxTtl`',
  },
  'CreateConsoleRequest.display': { description: 'pixels, for targets that take a size' },
  'CreateConsoleRequest.user': { description: 'for whom; customers may name only themselves' },
  'CreatedConsole.url': { description: 'for one browser: whoever comes first holds the console' },
  'ConsoleView.reason': { description: 'why it is closed' },
  'ConsoleView.error': { description: 'the last fault; it goes with the next picture' },
  'ConsoleView.extendableUntil': { description: 'no extension reaches further' },
  'ConsoleView.idleAt': {
    description: 'when it closes unless a person types, clicks or touches; null while that is off',
  },
  'ConsoleQuery.limit': page['limit'] ?? {},
  'ConsoleQuery.cursor': page['cursor'] ?? {},
  'ExtendRequest.seconds': { description: 'the gateway’s own step if absent', example: 1800 },
  'RedeemRequest.key': { description: 'what follows # in the console’s URL', example: 'Yk3…' },
  'RedeemAnswer.bearer': { description: 'does what the cookie does, where cookies are blocked' },
  'RedeemAnswer.serverTime': { description: 'to count down by the gateway’s clock' },
  'TokenRequest.timezone': { description: 'IANA name', example: 'Europe/Amsterdam' },
  'TokenAnswer.tunnel': { description: 'URL of the WebSocket; add `?token=…`' },
  'ShareRequest.readOnly': { description: 'to look at only' },
  'ShareRequest.ttl': { description: 'seconds; until the console’s own end if absent' },
  'ShareRequest.passphrase': { description: 'that a viewer is asked for' },
  'ControlRequest.to': { description: '`holder` or a viewer’s id', example: 'holder' },
  'PowerRequest.action': { description: 'one of the machine’s `powerActions`', example: 'on' },
  'BootRequest.device': { description: 'one of the machine’s `bootDevices`', example: 'pxe' },
  'IdentifyRequest.on': { description: 'whether its light is to blink' },
  'MediaView.urls': {
    description: 'beginnings of the addresses from which the caller may have others; null for any',
  },
  'InsertRequest.image': { description: 'one of the gateway’s own images', example: 'rescue.iso' },
  'InsertRequest.url': { description: 'where the BMC finds it; not together with `image`' },
  'InsertRequest.drive': { description: 'the first that plays CDs if absent' },
  'CreateApiTokenRequest.name': { example: 'ci' },
  'CreateApiTokenRequest.actions': { description: 'all that its owner may do if absent' },
  'CreateApiTokenRequest.machines': { description: 'patterns; all of its owner’s if absent' },
  'CreateApiTokenRequest.expiresIn': { description: 'seconds; until it is revoked if absent' },
  'CreatedApiToken.token': { description: 'shown this once' },
  'CreateConsoleRequest.purpose': { description: 'what for, where the policy asks for it' },
  'CreateConsoleRequest.closeUrl': { description: 'called once when it is over: docs/portal.md' },
  'LaunchQuery.jwt': { description: 'the link’s claims, signed by the portal: docs/portal.md' },
  'EqForm.action': { example: 'novnc' },
  'EqForm.token': { description: 'an API token', example: '$TOKEN' },
  'EqForm.id': {
    description: 'number of the server, as `hostkey.servers` has it',
    example: '10007',
  },
  'EqForm.pin': { description: 'of this server', example: '0000' },
  'Problem.code': { description: 'stable: a row of the status table' },
  'Problem.detail': { description: 'for people; it may change' },
  'Problem.errors': { description: 'the fields at fault' },
};
