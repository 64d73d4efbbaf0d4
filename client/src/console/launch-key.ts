/**
 * Takes the launch key out of the address bar: it is not to stay in the history, in a screenshot or
 * in a copied link. Null when there is none, as on a reload.
 */
export function takeLaunchKey(): string | null {
  const key = location.hash.slice(1);
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  // As it is: a key has no letter that needs an escape, and a broken escape is a wrong key.
  return key === '' ? null : key;
}
