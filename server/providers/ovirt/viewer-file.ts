/**
 * A `.vv` file without its section `[ovirt]`: it holds the token of the gateway's own account, with
 * which whoever reads it could do at the engine what the gateway can.
 */
export function withoutEngineToken(file: string): string {
  let section = '';
  return file
    .split(/\r?\n/)
    .filter((line) => {
      section = /^\s*\[([^\]]*)\]/.exec(line)?.[1] ?? section;
      return section.trim() === 'virt-viewer';
    })
    .join('\n')
    .concat('\n');
}
