import type { YAMLError } from 'yaml';
import type { FieldError } from '../../errors.ts';

/** Where YAML is broken. The parser's own message shows the lines around it, which may hold secrets. */
export function yamlFault({ code, linePos }: YAMLError): FieldError {
  const [start] = linePos ?? [];
  const what = code.toLowerCase().replaceAll('_', ' ');
  const path = start ? `line ${start.line}, column ${start.col}` : '';
  return { path, message: `is no valid YAML: ${what}` };
}
