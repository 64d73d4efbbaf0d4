/**
 * The status table: each way in which a request, an upgrade, a tunnel or a console can fail or end.
 * Express, the upgrade handler, the tunnel and the page all read this one table.
 *
 * - `http`: status of an API answer or of a refused upgrade.
 * - `ws`: WebSocket close code (RFC 6455 section 7.4, and 4xxx for our own).
 * - `guacamole`: number of the Guacamole protocol's status, sent as the close reason in decimal
 *   (the Guacamole manual, "Guacamole protocol reference", status codes).
 * - `retry`: whether the page may try again by itself while the console is open.
 *
 * The row's key is the stable `code` of problem+json, and `error.<key>` the page's sentence.
 */
interface StatusRow {
  readonly http: number;
  readonly ws: number;
  readonly guacamole: number;
  readonly retry: boolean;
}

function row(http: number, ws: number, guacamole: number, retry = false): StatusRow {
  return { http, ws, guacamole, retry };
}

export const STATUS = {
  // The request itself
  invalid_request: row(400, 1008, 768),
  not_found: row(404, 1008, 516),
  method_not_allowed: row(405, 1008, 768),
  payload_too_large: row(413, 1009, 781),
  unsupported_media_type: row(415, 1003, 783),
  rate_limited: row(429, 1013, 797, true),
  // Who asks, and what they may
  unauthenticated: row(401, 1008, 769),
  credentials_invalid: row(401, 1008, 769),
  sign_in_expired: row(401, 1008, 776),
  sign_in_failed: row(401, 1008, 769),
  not_permitted: row(403, 1008, 771),
  name_taken: row(403, 1008, 771),
  totp_required: row(401, 1008, 769),
  totp_wrong: row(401, 1008, 769),
  totp_enrolment_required: row(403, 1008, 771),
  totp_active: row(409, 1008, 768),
  totp_not_active: row(409, 1008, 768),
  totp_not_begun: row(409, 1008, 768),
  session_not_found: row(404, 1008, 516),
  forbidden: row(403, 1008, 771),
  cross_site: row(403, 1008, 771),
  origin_refused: row(403, 1008, 771),
  purpose_required: row(422, 1008, 768),
  approval_pending: row(409, 1013, 519, true),
  approval_refused: row(403, 4004, 771),
  approval_settled: row(409, 1008, 768),
  // API tokens
  api_token_not_found: row(404, 1008, 516),
  api_token_limit: row(409, 1008, 797),
  // Machines
  machine_not_found: row(404, 1008, 516),
  console_kind_unavailable: row(422, 1008, 256),
  power_unavailable: row(422, 1008, 256),
  media_unavailable: row(422, 1008, 256),
  media_inserted: row(409, 1008, 521),
  machine_not_running: row(409, 1008, 519),
  console_held: row(409, 1008, 521),
  // Something else runs on this one machine and is soon over; the provider is well
  machine_busy: row(409, 1013, 519, true),
  // Consoles
  console_not_found: row(404, 1008, 516),
  console_limit: row(409, 1008, 797),
  extension_exhausted: row(409, 1008, 517),
  launch_key_invalid: row(403, 1008, 771),
  launch_key_used: row(410, 1008, 771),
  console_expired: row(410, 4001, 522),
  console_idle: row(410, 4002, 522),
  console_ended: row(410, 4003, 518),
  console_killed: row(410, 4004, 523),
  console_failed: row(410, 4005, 515),
  // Shared links
  passphrase_required: row(401, 1008, 769),
  passphrase_wrong: row(401, 1008, 769),
  share_expired: row(410, 4006, 522),
  share_revoked: row(410, 4007, 523),
  share_limit: row(409, 1008, 797),
  viewer_limit: row(409, 1008, 797),
  // Others do not wait for a viewer; its page comes back
  viewer_too_slow: row(503, 1013, 776, true),
  // A viewer waits for the holder, whose connection it joins
  not_running: row(409, 1013, 519, true),
  // Links that a portal has signed
  launch_link_invalid: row(401, 1008, 769),
  launch_link_expired: row(401, 1008, 769),
  launch_link_used: row(410, 1008, 771),
  // Connection tokens
  token_missing: row(401, 1008, 769),
  token_invalid: row(401, 1008, 769),
  token_expired: row(401, 1008, 776, true),
  token_used: row(410, 1008, 769, true),
  // What the page sends into the tunnel
  instruction_invalid: row(400, 1007, 768),
  instruction_too_large: row(413, 1009, 781),
  input_too_fast: row(429, 1008, 797, true),
  client_timeout: row(408, 1008, 776, true),
  // The browser closed its tab or lost its network; the console stays
  client_left: row(410, 1000, 518, true),
  // The machine at the far end
  target_unreachable: row(502, 1014, 519, true),
  target_refused: row(502, 1014, 519),
  target_credentials_refused: row(502, 1014, 769),
  // Typed by a person, who is asked for what the configuration lacks
  target_credentials_wrong: row(502, 1014, 769),
  target_credentials_missing: row(504, 1014, 769),
  target_certificate_refused: row(502, 1014, 769),
  target_unsupported: row(502, 1014, 512),
  target_lost: row(502, 1014, 515, true),
  target_timeout: row(504, 1014, 514, true),
  target_busy: row(503, 1014, 521, true),
  // Our own parts
  guacd_unavailable: row(503, 1013, 520, true),
  guacd_lost: row(502, 1014, 520, true),
  // The screen on which a BMC's console is shown: it cannot be had, or has ended by itself
  kvm_unavailable: row(503, 1013, 520, true),
  kvm_crashed: row(502, 1014, 515, true),
  // The BMC's pages, which are walked through to its console
  kvm_page_changed: row(502, 1014, 512),
  kvm_popup_refused: row(502, 1014, 512),
  kvm_dialog_refused: row(502, 1014, 512),
  kvm_login_timeout: row(504, 1014, 514, true),
  // A BMC's Java console needs a Java that is not at the gateway; its program does not come up
  kvm_java_missing: row(422, 1008, 256),
  kvm_java_failed: row(502, 1014, 512),
  redis_unavailable: row(503, 1013, 513, true),
  provider_unavailable: row(503, 1013, 520, true),
  // It does not accept our credentials, or they do not allow what is asked
  provider_refused: row(502, 1014, 769),
  // The BMC of a server: it does not answer, or not as it should
  bmc_unavailable: row(503, 1013, 520, true),
  bmc_account_locked: row(502, 1014, 769),
  bmc_redirected: row(502, 1014, 512),
  // As many as it allows are signed in, or look at its console
  bmc_slots_full: row(503, 1013, 797, true),
  bmc_license_missing: row(422, 1008, 256),
  // It has ended what was open, as it does when it restarts
  bmc_lost: row(502, 1014, 515, true),
  sign_in_unavailable: row(503, 1013, 520, true),
  shutting_down: row(503, 1012, 513, true),
  internal: row(500, 1011, 512),
} as const satisfies Record<string, StatusRow>;

export type StatusCode = keyof typeof STATUS;

export function isStatusCode(value: string): value is StatusCode {
  return Object.hasOwn(STATUS, value);
}

/** What a person can mend, here or elsewhere: the console stays open, and waits to be tried again. */
const MENDABLE: ReadonlySet<string> = new Set<StatusCode>([
  'machine_not_running',
  'console_held',
  'target_credentials_wrong',
  'target_credentials_missing',
]);

export function isMendable(code: string): boolean {
  return MENDABLE.has(code);
}

export const CLOSE_REASONS = ['expired', 'idle', 'ended', 'killed', 'failed'] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** The row of a console that closed for this reason. */
export function statusOfClose(reason: CloseReason): StatusCode {
  return `console_${reason}`;
}
