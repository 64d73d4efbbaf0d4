import { Search } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { type OpenApiDocument, describeApi } from '../../../server/contract/index.ts';
import { GatewayClient } from '../../../server/gateway-client/gateway-client.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { Fault } from '../console/fault.tsx';
import { PortalHead } from '../portal/portal-head.tsx';
import { type DescribedCall, OperationCard } from './operation-card.tsx';
import { Words } from './words.tsx';

/** The gateway's OpenAPI document, to be read. In English, as the document itself is. */
export function DocsPage() {
  const [document, setDocument] = useState<OpenApiDocument | null>(null);
  const [fault, setFault] = useState<FaultCode | null>(null);
  const [query, setQuery] = useState('');
  const [wanted, setWanted] = useState(location.hash.slice(1));

  useEffect(() => {
    new GatewayClient({ url: location.origin }).call(describeApi).then(
      // Our own gateway's: what it says of itself is checked where it is made.
      (described) => setDocument(described as unknown as OpenApiDocument),
      (error: unknown) => setFault(faultOf(error)),
    );
    const moved = () => setWanted(location.hash.slice(1));
    window.addEventListener('hashchange', moved);
    return () => window.removeEventListener('hashchange', moved);
  }, []);

  return (
    <div class="portal">
      <PortalHead />
      <main class="portal-main docs" lang="en">
        {fault && (
          <div class="notice" role="alert">
            <Fault code={fault} />
          </div>
        )}
        {document && (
          <>
            <div class="list-head">
              <h1>{document.info.title} API</h1>
              <a href="/api/v1/openapi.json">openapi.json</a>
              <span class="bar-space" />
              <label class="search">
                <Search aria-hidden="true" />
                <input
                  type="search"
                  data-testid="search"
                  aria-label="Search"
                  placeholder="Search calls and error codes"
                  value={query}
                  onInput={(event) => setQuery(event.currentTarget.value)}
                />
              </label>
            </div>
            <p class="quiet">
              <Words text={document.info.description} />
            </p>
            <Calls document={document} query={query} wanted={wanted} />
          </>
        )}
      </main>
    </div>
  );
}

interface CallsProps {
  readonly document: OpenApiDocument;
  readonly query: string;
  readonly wanted: string;
}

function Calls({ document, query, wanted }: CallsProps) {
  const found = callsOf(document).filter((call) => matches(call, query));
  if (found.length === 0) {
    return (
      <p class="empty" data-testid="empty">
        No call is about {query}.
      </p>
    );
  }
  return (
    <>
      {document.tags.map(({ name, description }) => {
        const calls = found.filter(({ operation }) => operation.tags.includes(name));
        if (calls.length === 0) return null;
        return (
          <section key={name} class="tag" data-tag={name}>
            <h2>{name}</h2>
            <p class="quiet">{description}</p>
            {calls.map((call) => (
              <OperationCard
                key={call.operation.operationId}
                document={document}
                call={call}
                wanted={call.operation.operationId === wanted}
              />
            ))}
          </section>
        );
      })}
    </>
  );
}

function callsOf({ paths }: OpenApiDocument): DescribedCall[] {
  return Object.entries(paths)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
}

/** Every word is somewhere in it: in its line, its name or the codes of its refusals. */
function matches({ path, method, operation }: DescribedCall, query: string): boolean {
  const { operationId, summary, responses } = operation;
  const codes = Object.values(responses).map(({ description }) => description);
  const text = [method, path, operationId, summary, ...codes].join(' ').toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
