/** The URL that opens a console: its launch key is in the fragment, which reaches no log. */
export function consoleUrl(publicUrl: string, id: string, launchKey: string): string {
  return `${publicUrl}/console/${encodeURIComponent(id)}#${launchKey}`;
}
