/** What a command's words may hold in braces. */
export const PLACEHOLDERS = [
  ...['name', 'installation', 'gateway', 'image', 'memory', 'files', 'cpus'],
] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];

/** Without these a container cannot be found again. */
export const NEEDED: readonly Placeholder[] = ['name', 'installation', 'gateway'];

/**
 * The options of `docker run` and `podman run` alike. A read-only system with a folder in memory, an
 * unprivileged user without rights, no network, bounds; nothing that it prints is kept, since its
 * standard output is the link; nothing is fetched while somebody waits.
 */
export const USUAL_COMMAND: readonly string[] = [
  ...['run', '--rm', '--interactive', '--pull=never', '--log-driver=none'],
  ...['--name={name}', '--hostname=screen'],
  ...['--label=rackside.installation={installation}', '--label=rackside.gateway={gateway}'],
  ...['--network=none', '--read-only', '--user=10001:10001'],
  ...['--cap-drop=ALL', '--security-opt=no-new-privileges'],
  ...['--tmpfs=/tmp:rw,nosuid,nodev,mode=1777,size={files}m', '--shm-size=256m'],
  ...['--memory={memory}m', '--memory-swap={memory}m', '--cpus={cpus}', '--pids-limit=1024'],
  ...['--ulimit=nofile=4096:4096', '--ulimit=core=0:0'],
  '{image}',
];

/** Names in braces that are no placeholders. */
export function unknownPlaceholders(command: readonly string[]): string[] {
  const known: readonly string[] = PLACEHOLDERS;
  return command
    .flatMap((word) => [...word.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name))
    .filter((name) => !known.includes(name));
}

export function fill(
  command: readonly string[],
  values: Readonly<Record<Placeholder, string | number>>,
): string[] {
  return command.map((word) =>
    word.replaceAll(/\{(\w+)\}/g, (_all, name: Placeholder) => String(values[name])),
  );
}
