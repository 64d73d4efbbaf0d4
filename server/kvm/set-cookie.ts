import type { RemoteAnswer } from '../providers/remote-http.ts';

/** The value of a cookie that an answer sets, not an empty one. */
export function setCookie({ headers }: RemoteAnswer, name: string): string | undefined {
  for (const line of [headers['set-cookie'] ?? []].flat()) {
    const [pair = ''] = line.split(';');
    if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1) || undefined;
  }
  return undefined;
}
