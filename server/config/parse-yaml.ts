import {
  type Document,
  type DocumentOptions,
  LineCounter,
  type ParseOptions,
  type SchemaOptions,
  type YAMLError,
  parseDocument,
  visit,
} from 'yaml';
import type { FieldError } from '../errors.ts';
import { ConfigError } from './config-error.ts';

type Options = ParseOptions & DocumentOptions & SchemaOptions;

/**
 * A document of YAML, all of which is understood: a tag that nobody knows is a fault as well.
 *
 * @throws ConfigError that says where, and shows nothing of the text.
 */
export function parseYaml(
  { file, text }: { readonly file: string; readonly text: string },
  { lineCounter = new LineCounter(), ...options }: Options = {},
): Document {
  // Its warnings to the process would show what they are about.
  const document = parseDocument(text, { ...options, lineCounter, logLevel: 'error' });
  const [error] = [...document.errors, ...document.warnings];
  const fault = error ? yamlFault(error) : aliasFault(document, lineCounter);
  if (fault) throw new ConfigError(file, [fault]);
  return document;
}

/** The parser's own message shows the lines around it, which may hold secrets. */
function yamlFault({ code, linePos }: YAMLError): FieldError {
  const what = code.toLowerCase().replaceAll('_', ' ');
  return faultAt(linePos?.[0], `is no valid YAML: ${what}`);
}

/** The parser leaves it to whoever reads the value, with a message that names the alias. */
function aliasFault(document: Document, lines: LineCounter): FieldError | undefined {
  let fault: FieldError | undefined;
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document)) return undefined;
      const message = 'is no valid YAML: an alias of nothing: put quotes around what begins with *';
      fault = faultAt(alias.range ? lines.linePos(alias.range[0]) : undefined, message);
      return visit.BREAK;
    },
  });
  return fault;
}

function faultAt(
  place: { readonly line: number; readonly col: number } | undefined,
  message: string,
): FieldError {
  return { path: place ? `line ${place.line}, column ${place.col}` : '', message };
}
