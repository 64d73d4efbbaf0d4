const KEY = 'rackside.signed-in';

/**
 * Whether this browser was signed in to the portal when it last looked. Most people come by a link of
 * somebody else's portal and never are: they need not be asked about. Where storage is blocked nobody was.
 */
export function wasSignedIn(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

export function rememberSignedIn(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(KEY, 'yes');
    else localStorage.removeItem(KEY);
  } catch {
    // Then there is one link less at a console's end.
  }
}
