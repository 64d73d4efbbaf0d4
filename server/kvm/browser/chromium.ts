import type { ProgramPlace, ScreenProgram, ScreenSize } from '../runner.ts';

/** What it is called, by who has packed it. */
export const CHROMIUM = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

export interface ChromiumOptions {
  readonly executable: string;
  readonly size: ScreenSize;
  /** The BMC's, `https://bmc`; undefined where it is not known yet. */
  readonly origin: string | undefined;
  /** Of the proxy, which sees to the BMC's certificate: SHA-256 of its public key in base64. */
  readonly publicKey: string;
}

/**
 * Chromium with one page and nothing around it, driven through its pipe. An application's window,
 * since in one no key is kept from the page; what is not allowed in it, see page-guard.ts.
 */
export function chromium(options: ChromiumOptions): ScreenProgram {
  return {
    command: (place) => [options.executable, ...flags(options, place)],
    files: {
      'profile/Default/Preferences': JSON.stringify(PREFERENCES),
      'profile/Local State': JSON.stringify(LOCAL_STATE),
    },
    policy: policyFor(options.origin),
  };
}

function flags({ size, publicKey }: ChromiumOptions, { home, proxy, sandbox }: ProgramPlace) {
  return [
    ...['--remote-debugging-pipe', '--kiosk', '--app=data:text/html,<title>Console</title>'],
    ...[`--user-data-dir=${home}/profile`, '--password-store=basic', '--lang=en-US'],
    ...[`--window-size=${size.width},${size.height}`, '--window-position=0,0'],
    ...['--force-device-scale-factor=1', '--ozone-platform=x11', '--disable-gpu'],
    // Everything, what is called localhost too, goes to the proxy; nothing is looked up or sent past it.
    ...[`--proxy-server=http://${proxy}`, '--proxy-bypass-list=<-loopback>'],
    ...['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--disable-quic'],
    ...['--force-webrtc-ip-handling-policy=disable_non_proxied_udp', '--dns-prefetch-disable'],
    ...['--no-first-run', '--no-default-browser-check', '--no-pings', '--disable-sync'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-breakpad'],
    ...['--disable-domain-reliability', '--disable-client-side-phishing-detection'],
    ...['--disable-extensions', '--disable-default-apps', '--disable-search-engine-choice-screen'],
    ...['--deny-permission-prompts', '--disable-notifications', '--disable-speech-api'],
    ...['--disable-infobars', '--disable-session-crashed-bubble', '--noerrdialogs', '--mute-audio'],
    '--disable-save-password-bubble',
    // A page that nobody has clicked on yet may show what it has.
    ...['--autoplay-policy=no-user-gesture-required', '--disk-cache-size=16777216'],
    `--disable-features=${UNWANTED.join(',')}`,
    ...(sandbox ? [] : ['--no-sandbox', '--test-type']),
    `--ignore-certificate-errors-spki-list=${publicKey}`,
  ];
}

/** Where there is no policy: an offer to save the BMC's password would show it to whoever looks. */
const PREFERENCES = {
  credentials_enable_service: false,
  credentials_enable_autosignin: false,
  profile: { password_manager_enabled: false, password_manager_leak_detection: false },
  autofill: { profile_enabled: false, credit_card_enabled: false },
  translate: { enabled: false },
  printing: { enabled: false },
};

/** Of the whole browser, where there is no policy: no dialog that opens a file of the machine's. */
const LOCAL_STATE = {
  select_file_dialogs: { allowed: false },
  task_manager: { end_process_enabled: false },
};

/**
 * What asks Google, offers something, guesses that http should be https, keeps a page that was left,
 * and with it the BMC's console, or makes one before it is gone to, which would come unguarded.
 */
const UNWANTED = [
  ...['BackForwardCache', 'Prerender2'],
  ...['NetworkTimeServiceQuerying', 'OptimizationHints', 'MediaRouter', 'Translate'],
  ...['AutofillServerCommunication', 'CertificateTransparencyComponentUpdater', 'HttpsUpgrades'],
  ...['HttpsFirstBalancedModeAutoEnable', 'DialMediaRouteProvider', 'GlobalMediaControls'],
];

/**
 * Managed policy (chromeenterprise.google/policies), where the screen has one of its own. A browser
 * that does not know its BMC yet may ask the proxy for any address, which leads to that BMC alone.
 */
function policyFor(origin: string | undefined): object {
  const origins = origin === undefined ? ['https://*', 'http://*'] : [origin];
  return {
    URLBlocklist: ['*', 'chrome://*', 'view-source:*', 'file://*', 'devtools://*'],
    URLAllowlist: [...origins, 'about:blank', 'data:*', ...origins.map((each) => `blob:${each}`)],
    DownloadRestrictions: 3,
    AllowFileSelectionDialogs: false,
    PrintingEnabled: false,
    IncognitoModeAvailability: 1,
    BrowserGuestModeEnabled: false,
    BrowserAddPersonEnabled: false,
    PasswordManagerEnabled: false,
    AutofillAddressEnabled: false,
    AutofillCreditCardEnabled: false,
    TranslateEnabled: false,
    ExtensionInstallBlocklist: ['*'],
    DefaultNotificationsSetting: 2,
    DefaultGeolocationSetting: 2,
    DefaultFileSystemReadGuardSetting: 2,
    DefaultFileSystemWriteGuardSetting: 2,
    DefaultWebUsbGuardSetting: 2,
    DefaultWebBluetoothGuardSetting: 2,
    DefaultSerialGuardSetting: 2,
    VideoCaptureAllowed: false,
    AudioCaptureAllowed: false,
    ScreenCaptureAllowed: false,
    WebRtcIPHandling: 'disable_non_proxied_udp',
    TaskManagerEndProcessEnabled: false,
    BookmarkBarEnabled: false,
    SearchSuggestEnabled: false,
    MetricsReportingEnabled: false,
  };
}
