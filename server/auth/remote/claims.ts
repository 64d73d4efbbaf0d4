/** The value of a claim, also of one within others: Keycloak has `realm_access.roles`. */
export function valueOf(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const key of path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** The texts of a claim that is a list of them, or one alone. */
export function textsOf(value: unknown): string[] {
  return [value].flat().filter((each) => typeof each === 'string');
}
