import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { parseUrl } from '../../platform/parse-url.ts';

/** A node as fast-xml-parser keeps it in the order of the file: its name with its children. */
interface XmlNode {
  readonly [name: string]: readonly XmlNode[] | string | Readonly<Record<string, string>>;
}

const OPTIONS = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
} as const;
const ATTRIBUTES = ':@';
const TEXT = '#text';

/** A JNLP file (JSR 56) that is taken from a BMC, and what is to be known of it before it runs. */
export interface Jnlp {
  /** The same for a code base of ours: without the places from which it would be asked for anew. */
  readonly rewritten: (codebase: string) => string;
  /** What its program connects to, as far as its arguments say: all that can be a port. */
  readonly ports: readonly number[];
  /** Paths of its archives. */
  readonly archives: readonly string[];
  /** Of those, what this kind of machine cannot do without. */
  readonly wanted: readonly string[];
  /** Whether its archives may be there only as pack200 has made them, which Java 14 no longer knows. */
  readonly packed: boolean;
  /** Values of its arguments and properties, among which are tokens. */
  readonly secrets: readonly string[];
}

/** Below it are no consoles' ports, but numbers of other things. */
const LOWEST_PORT = 80;
const MOST_PORTS = 32;
const SHORTEST_SECRET = 6;
/** Characters of a file, and of where it says that it lies: a viewer's are a few thousand. */
const LONGEST = 256 * 1024;
const LONGEST_CODEBASE = 2048;
/** Archives, icons and pages: a viewer for every system has a dozen. */
const MOST_PLACES = 64;

/** @returns null for what is no JNLP file, `too-big` for one of more than a viewer can be made of. */
export function readJnlp(text: string): Jnlp | 'too-big' | null {
  if (text.length > LONGEST) return 'too-big';
  if (text.includes('<!ENTITY')) return null;
  let nodes: XmlNode[];
  try {
    nodes = new XMLParser(OPTIONS).parse(text.trim()) as XmlNode[];
  } catch {
    return null;
  }
  const root = nodes.find((node) => nameOf(node) === 'jnlp');
  if (!root) return null;
  const { codebase: told = '/' } = attributesOf(root);
  const places = all(root).filter((node) => attributesOf(node)['href'] !== undefined);
  if (told.length > LONGEST_CODEBASE || places.length > MOST_PLACES) return 'too-big';
  const folder = folderOf(told);
  const isArchive = (node: XmlNode) => ['jar', 'nativelib'].includes(nameOf(node));
  const values = all(root).flatMap(valuesOf);
  const pathsIn = (found: readonly XmlNode[]) => [
    ...new Set(
      found.filter(isArchive).map((node) => pathOf(attributesOf(node)['href'] ?? '', folder)),
    ),
  ];
  return {
    rewritten: (codebase) => {
      const written = nodes.map((node) => (node === root ? rewrite(root, folder, codebase) : node));
      return new XMLBuilder(OPTIONS).build(written);
    },
    ports: portsOf(values),
    archives: pathsIn(all(root)),
    wanted: pathsIn(childrenOf(root).filter(isForUs).flatMap(all)),
    packed: all(root).some((node) => attributesOf(node)['name'] === 'jnlp.packEnabled'),
    secrets: values.filter((value) => value.length >= SHORTEST_SECRET),
  };
}

/** What `resources` say of the systems that they are for. */
function isForUs(node: XmlNode): boolean {
  const { os = '', arch = '' } = attributesOf(node);
  const isArch = arch === '' || /\b(amd64|x86_64)\b/.test(arch);
  return nameOf(node) === 'resources' && (os === '' || os.startsWith('Linux')) && isArch;
}

function rewrite(root: XmlNode, folder: string, codebase: string): XmlNode {
  const { href: _href, ...attributes } = attributesOf(root);
  const own = { ...attributes, codebase };
  return { jnlp: childrenOf(root).map((node) => moved(node, folder)), [ATTRIBUTES]: own };
}

/** Every place is one below our code base. */
function moved(node: XmlNode, folder: string): XmlNode {
  const name = nameOf(node);
  if (name === TEXT) return node;
  const { href, ...rest } = attributesOf(node);
  const place = href === undefined ? {} : { href: pathOf(href, folder).slice(1) };
  const attributes = { ...rest, ...place };
  return {
    [name]: childrenOf(node).map((child) => moved(child, folder)),
    [ATTRIBUTES]: attributes,
  };
}

/** A place of the BMC's, whatever it calls itself there: from the root of its web server on. */
function pathOf(href: string, folder: string): string {
  const base = `http://bmc${folder}`;
  const url = parseUrl(href, base);
  return url ? url.pathname + url.search : '/';
}

/** Whatever a code base ends with, it is a folder. */
function folderOf(codebase: string): string {
  const [path = ''] = pathOf(codebase, '/').split('?');
  return path.endsWith('/') ? path : `${path}/`;
}

/** Of arguments, and of what properties and parameters are set to. */
function valuesOf(node: XmlNode): string[] {
  const name = nameOf(node);
  const { value } = attributesOf(node);
  if (name === 'argument') return childrenOf(node).map(textOf);
  return value !== undefined && ['property', 'param'].includes(name) ? [value] : [];
}

function portsOf(values: readonly string[]): number[] {
  const numbers = values.map((value) => Number(/(?:^|[=: ])(\d{2,5})$/.exec(value)?.[1] ?? 0));
  const ports = numbers.filter((number) => number >= LOWEST_PORT && number <= 65_535);
  return [...new Set(ports)].slice(0, MOST_PORTS);
}

/** A node and all below it. */
function all(node: XmlNode): XmlNode[] {
  return [node, ...childrenOf(node).flatMap(all)];
}

function textOf({ [TEXT]: text }: XmlNode): string {
  return typeof text === 'string' ? text : '';
}

function nameOf(node: XmlNode): string {
  return Object.keys(node).find((name) => name !== ATTRIBUTES) ?? '';
}

function childrenOf(node: XmlNode): readonly XmlNode[] {
  const children = node[nameOf(node)];
  return Array.isArray(children) ? (children as readonly XmlNode[]) : [];
}

function attributesOf(node: XmlNode): Readonly<Record<string, string>> {
  return (node[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>;
}
