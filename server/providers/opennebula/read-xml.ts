import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** Elements in elements: OpenNebula's go down to eight. */
const DEPTH = 32;

/** Every text stays a text, so that a VM may be called `007`. */
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  maxNestedTags: DEPTH,
  processEntities: { enabled: true, maxTotalExpansions: Infinity, maxExpandedLength: Infinity },
});

/** In what the words of a document type are none. */
const HIDING = [
  { begin: '<!--', end: '-->' },
  { begin: '<![CDATA[', end: ']]>' },
] as const;
const DOCUMENT_TYPE = /^<!(?:DOCTYPE|ENTITY)/i;

/**
 * A whole and well-formed XML document as objects and texts. Of entities there are only XML's own five
 * and characters by number: a document with a document type, which could define others, is refused.
 *
 * @throws Error
 */
export function readXml(text: string): unknown {
  refuseDocumentType(text);
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new Error(`no well-formed XML: ${valid.err.code}`);
  return parser.parse(text);
}

/** Looks at each character once, whatever the text is: a pattern with two open ends would not. */
function refuseDocumentType(text: string): void {
  for (let at = text.indexOf('<!'); at >= 0; at = text.indexOf('<!', at)) {
    const begin = at;
    const hiding = HIDING.find((one) => text.startsWith(one.begin, begin));
    if (!hiding) {
      if (DOCUMENT_TYPE.test(text.slice(at, at + 10))) throw new Error('XML with a document type');
      at += 2;
      continue;
    }
    const end = text.indexOf(hiding.end, at + hiding.begin.length);
    if (end < 0) throw new Error(`no well-formed XML: ${hiding.begin} without an end`);
    at = end + hiding.end.length;
  }
}
