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

/** What a document type can be hidden in comes first. */
const DOCUMENT_TYPE = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<!(?:DOCTYPE|ENTITY)/gi;

/**
 * A whole and well-formed XML document as objects and texts. Of entities there are only XML's own five
 * and characters by number: a document with a document type, which could define others, is refused.
 *
 * @throws Error
 */
export function readXml(text: string): unknown {
  for (const [found] of text.matchAll(DOCUMENT_TYPE)) {
    if (/^<!(?:DOCTYPE|ENTITY)/i.test(found)) throw new Error('XML with a document type');
  }
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new Error(`no well-formed XML: ${valid.err.code}`);
  return parser.parse(text);
}
