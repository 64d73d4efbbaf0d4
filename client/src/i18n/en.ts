import type {
  CloseReason,
  ConsoleKind,
  ConsoleStep,
  PowerState,
  Role,
} from '../../../server/contract/index.ts';
import type { FaultCode } from '../api/fault-code.ts';
import type { PhaseName } from '../console/page-state.ts';
import type { Plural } from './catalogue.ts';
import { account } from './account/en.ts';
import { audit } from './audit/en.ts';
import { consoles } from './consoles/en.ts';
import { credentials } from './credentials/en.ts';
import { hardware } from './hardware/en.ts';
import { menu } from './menu/en.ts';
import { power } from './power/en.ts';
import { sharing } from './sharing/en.ts';
import { tokens } from './tokens/en.ts';

/** Sentences that must exist for each word of the contract. */
type Contracted = Record<`error.${FaultCode}`, string> &
  Record<`state.${PhaseName}`, string> &
  Record<`step.${ConsoleStep}`, string> &
  Record<`closed.${CloseReason}`, string> &
  Record<`kind.${ConsoleKind}`, string> &
  Record<`power.${PowerState}`, string> &
  Record<`role.${Role}`, string>;

/** The catalogue that the others are checked against. `{name}` is replaced when it is shown. */
export const en = {
  ...account,
  ...audit,
  ...consoles,
  ...credentials,
  ...hardware,
  ...menu,
  ...power,
  ...sharing,
  ...tokens,

  'state.redeeming': 'Opening',
  'state.starting': 'Starting',
  'state.connecting': 'Connecting',
  'state.waiting': 'Waiting for the picture',
  'state.connected': 'Connected',
  'state.unstable': 'Connection unstable',
  'state.lost': 'Connection lost',
  'state.disconnected': 'Disconnected',
  'state.ended': 'Ended',

  'step.resolving': 'Finding the machine’s console…',
  'step.starting-screen': 'Starting a screen for the console…',
  'step.waiting-for-provider': 'The cloud limits how often it may be asked. Waiting for our turn…',
  'step.connecting': 'Connecting to the machine…',
  'step.waiting-for-picture': 'Waiting for the first picture…',

  'closed.expired': 'The console’s time is up',
  'closed.idle': 'Closed because nobody was using it',
  'closed.ended': 'The console is closed',
  'closed.killed': 'Closed by support or by the operator',
  'closed.failed': 'The console could not go on',

  'kind.vnc': 'Screen',
  'kind.rdp': 'Remote desktop',
  'kind.ssh': 'Terminal (SSH)',
  'kind.telnet': 'Terminal (Telnet)',
  'kind.terminal': 'Terminal',
  'kind.kvm': 'Hardware screen (KVM)',
  'kind.sol': 'Serial console',

  'power.on': 'running',
  'power.off': 'switched off',
  'power.paused': 'paused',
  'power.changing': 'changing',
  'power.unknown': 'power unknown',

  'role.customer': 'Customer',
  'role.support': 'Support',
  'role.admin': 'Administrator',

  'page.elapsed': '{elapsed} so far',
  'page.reloadedInFrame':
    'This console was loaded anew inside another page, and there the browser keeps nothing that would let you back in.',
  'page.openAgain': 'Open a new console from your portal to go on.',
  'page.nothing': 'No page here',
  'page.nothingText':
    'There is no page at this address. Perhaps it was mistyped, or the link has lost its end.',
  'page.toPortal': 'Go to the list of machines',
  'page.noEntry': 'The console cannot be opened here',
  'page.faultyLink': "This portal's link is faulty. Please tell the portal's support.",
  'page.linkWithoutPurpose':
    "This portal's link does not say what the console is for, and here that has to be said. Please tell the portal's support.",
  'page.notSignedIn': 'You are not signed in',
  'page.toSignIn': 'Back to the sign-in',
  'page.notOpened': 'The console could not be opened',
  'page.refused': 'No connection to the machine',
  'page.notRunning': 'The machine is not running',
  'page.comingUp': 'The machine is starting',
  'page.comingUpText': 'It has been switched on. Its screen is shown as soon as there is one.',
  'page.tryAgain': 'Try again',
  'page.reconnectNow': 'Reconnect now',
  'page.reconnect': 'Reconnect',
  'page.reconnectIn': {
    one: 'Reconnecting in {count} second',
    other: 'Reconnecting in {count} seconds',
  },
  'page.unreached': 'Could not connect',
  'page.retryIn': {
    one: 'Trying again in {count} second',
    other: 'Trying again in {count} seconds',
  },
  'page.reconnecting': 'Reconnecting…',
  'page.disconnected': 'You have left the console. It stays open until {time}.',
  'page.display': 'Screen of {machine}',
  'page.displayHelp':
    'While the screen has the focus every key goes to the machine. Ctrl-Alt-Shift opens the menu.',
  'page.closesSoon': 'This console closes {soon}.',
  'page.openUntil': 'It closes at {time}.',

  'extend.button': 'Extend',
  'extend.hint': 'Give the console more time',
  'extend.failed': 'The console was not extended.',
  'extend.done': 'The console stays open until {time}.',
  'idle.warning':
    'Nobody has used this console for a while. It closes in {time}. Press a key or move the mouse to keep it.',

  'bar.label': 'Console',
  'bar.menu': 'Menu',
  'bar.menuShortcut': 'Menu (Ctrl-Alt-Shift)',
  'bar.fullScreen': 'Full screen',
  'bar.leaveFullScreen': 'Leave full screen',
  'bar.close': 'Close the session',
  'bar.collapse': 'Hide the bar',
  'bar.expand': 'Show the bar',
  'bar.send': 'Send {keys}',
  'bar.timeLeft': 'Time left: {left}. Closes at {time}.',
  'bar.viewOnly': 'View only',

  'portal.title': 'Machines',
  'portal.signIn': 'Sign in',
  'portal.signInText': 'Sign in to see your machines.',
  'portal.username': 'User name',
  'portal.password': 'Password',
  'portal.signInWith': 'Sign in with {name}',
  'portal.or': 'or',
  'portal.noWayIn': 'Nobody can sign in here: the gateway has no users.',
  'portal.signOut': 'Sign out',
  'portal.search': 'Search machines',
  'portal.loading': 'Loading…',
  'portal.count': { one: '{count} machine', other: '{count} machines' },
  'portal.countMore': 'More than {count} machines',
  'portal.more': 'Show more',
  'portal.retry': 'Try again',
  'portal.empty': 'No machines yet',
  'portal.emptyText': 'Machines that you may open appear here.',
  'portal.noMatch': 'Nothing found for “{query}”',
  'portal.noMatchText': 'Try another name, or part of one.',
  'portal.open': 'Open {kind} of {machine} in a new tab',
  'portal.noConsole': 'No console',
  'portal.nativeOnly': 'SPICE: in a native client alone',
  'portal.onlySpice': 'SPICE: cannot be shown in a browser',
  'portal.stale': 'as of {time}, its provider does not answer',
  'portal.opensViewOnly': 'opens view-only',
  'portal.file': 'Native client',
  'portal.fileTitle': 'File for a native client, such as virt-viewer, of {machine}',
  'portal.blocked': 'The browser blocked the new tab.',
  'portal.openHere': 'Open the console',
  'portal.typeVm': 'Virtual machine',
  'portal.typeServer': 'Server',

  'error.invalid_request': 'The gateway did not understand the request.',
  'error.not_found': 'There is nothing here.',
  'error.method_not_allowed': 'The gateway does not allow that.',
  'error.payload_too_large': 'That was too much to send at once.',
  'error.unsupported_media_type': 'The gateway did not understand the request.',
  'error.rate_limited': 'Too many attempts. Please wait a few minutes and try again.',
  'error.unauthenticated': 'You are not signed in, or this console was opened in another browser.',
  'error.credentials_invalid': 'User name or password is wrong.',
  'error.sign_in_expired':
    'The sign-in took too long, or was begun in another browser. Please begin again.',
  'error.sign_in_failed': 'The service that you signed in with did not confirm who you are.',
  'error.not_permitted': 'Your account may not use this gateway. Ask your administrator.',
  'error.name_taken': 'Another account here has your name. Ask your administrator.',
  'error.totp_required': 'This account also wants the code from your authenticator app.',
  'error.totp_wrong': 'The code is wrong, or it was used already. Wait for the next one.',
  'error.totp_enrolment_required': 'Set up the second factor on your account’s page first.',
  'error.totp_active': 'The second factor is set up already.',
  'error.totp_not_active': 'There is no second factor on this account.',
  'error.totp_not_begun': 'That took too long. Begin the set-up again.',
  'error.session_not_found': 'That sign-in is over already.',
  'error.forbidden': 'You may not do that.',
  'error.cross_site': 'The request came from another site and was refused.',
  'error.origin_refused': 'This page’s address is not one that the gateway accepts.',
  'error.purpose_required': 'You are asked to say what you need the console for.',
  'error.approval_pending': 'Somebody else has to approve this console first.',
  'error.approval_refused': 'The console was not approved.',
  'error.approval_settled': 'Somebody has already decided about this console.',
  'error.api_token_not_found': 'There is no such API token.',
  'error.api_token_limit': 'You have too many API tokens. Revoke one first.',
  'error.power_unavailable': 'The machine cannot be switched like that.',
  'error.bmc_unavailable': 'The server’s management controller does not answer as it should.',
  'error.bmc_account_locked':
    'The server’s management controller has locked the gateway’s account. Ask your administrator.',
  'error.bmc_redirected':
    'The server’s management controller sends the gateway to another address, where it does not go.',
  'error.bmc_slots_full':
    'As many people as it allows are using the server’s management controller. Try again later.',
  'error.bmc_license_missing':
    'The server’s management controller needs a licence for this, and has none.',
  'error.bmc_lost': 'The server’s management controller ended the session. It may be restarting.',
  'error.media_unavailable': 'The server has no such drive or image.',
  'error.media_inserted': 'There is an image in the drive already. Take it out first.',
  'error.machine_busy': 'The machine is busy with something else. Try again in a moment.',
  'error.machine_not_running':
    'The machine is in a state in which it has no console. Switch it on first.',
  'error.console_held':
    'Another user of the hypervisor holds this console. Only they or its administrator can free it.',
  'error.machine_not_found': 'There is no such machine, or you may not see it.',
  'error.console_kind_unavailable':
    'The machine has no console of this kind that a browser could show. The list of machines may have a file for a native client.',
  'error.console_not_found': 'There is no such console any more.',
  'error.console_limit': 'You have as many consoles open as you may. Close one first.',
  'error.extension_exhausted': 'This console cannot be extended any more.',
  'error.launch_key_invalid': 'This link is not valid. Open the console again from your portal.',
  'error.launch_key_used': 'This link has already been used. Each link opens one console once.',
  'error.passphrase_required': 'This link asks for a passphrase.',
  'error.passphrase_wrong': 'The passphrase is wrong.',
  'error.share_expired': 'The time of this shared link is over.',
  'error.share_revoked': 'This shared link is no longer valid: it was revoked.',
  'error.share_limit': 'This console has as many shared links as it can. Revoke one first.',
  'error.viewer_limit': 'As many people as possible are watching this console already.',
  'error.viewer_too_slow': 'This page could not keep up with the picture.',
  'error.not_running': 'Waiting for the person whose console this is.',
  'error.launch_link_invalid': 'Your portal’s link is not valid here.',
  'error.launch_link_expired': 'Your portal’s link is too old: each one is good for a few minutes.',
  'error.launch_link_used': 'Your portal’s link has already been used. Each one works once.',
  'error.console_expired': 'The console’s time is up, so it was closed.',
  'error.console_idle': 'The console was closed because nobody was using it.',
  'error.console_ended': 'Somebody closed it, or the machine ended the session.',
  'error.console_killed':
    'Somebody from support, or the operator of the system, closed the console.',
  'error.console_failed': 'The console stopped because of an error.',
  'error.token_missing': 'The connection was refused: its token was missing.',
  'error.token_invalid': 'The connection was refused: its token is not valid.',
  'error.token_expired': 'The connection took too long to begin.',
  'error.token_used': 'The connection’s token had already been used.',
  'error.instruction_invalid': 'The gateway could not read what the page sent.',
  'error.instruction_too_large': 'That was too much to send at once.',
  'error.input_too_fast': 'More came from this page than a person could type or move.',
  'error.client_timeout': 'The gateway has not heard from this page for too long.',
  'error.client_left': 'The connection was closed from this side.',
  'error.target_unreachable': 'The machine cannot be reached. It may be off or starting.',
  'error.target_refused': 'The machine refused the connection.',
  'error.target_credentials_refused':
    'The machine did not accept the user name or password that the gateway has for it, or asks for one.',
  'error.target_certificate_refused': 'The machine’s certificate is not the one that is expected.',
  'error.target_unsupported': 'The machine speaks a protocol that the gateway does not know.',
  'error.target_lost': 'The machine ended the connection.',
  'error.target_timeout': 'The machine does not answer.',
  'error.target_busy': 'The machine’s console is in use by somebody else.',
  'error.guacd_unavailable': 'The gateway’s display service is not running.',
  'error.guacd_lost': 'The gateway’s display service stopped.',
  'error.kvm_unavailable': 'The gateway cannot provide a screen for this console now.',
  'error.kvm_crashed': 'The program that showed the console has ended. It is started again.',
  'error.kvm_page_changed':
    'The management controller’s web pages are not the ones that the gateway knows. Your administrator finds a picture of them at the gateway.',
  'error.kvm_popup_refused':
    'The management controller wanted to open another window, which is not allowed here.',
  'error.kvm_dialog_refused':
    'The management controller’s page asks something that nobody answers here.',
  'error.kvm_login_timeout': 'The management controller takes too long to sign in.',
  'error.kvm_java_missing':
    'The machine’s Java console needs a version of Java that the gateway does not have. Your administrator has to install it.',
  'error.kvm_java_failed': 'The machine’s Java console does not start at the gateway.',
  'error.redis_unavailable': 'The gateway’s store cannot be reached just now.',
  'error.provider_unavailable': 'The system that runs the machine does not answer.',
  'error.provider_refused':
    'The system that runs the machine refuses this gateway. Its administrator has to look at the credentials.',
  'error.sign_in_unavailable': 'The service that knows your account does not answer.',
  'error.shutting_down': 'The gateway is restarting.',
  'error.internal': 'Something went wrong in the gateway.',
  'error.closed_here': 'You closed it.',
  'error.network': 'There is no connection to the gateway. Check your network if this lasts.',
} as const satisfies Contracted & Record<string, string | Plural>;
