import { Check, Copy } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { OpenApiDocument, OpenApiOperation } from '../../../server/contract/index.ts';
import { curlOf } from './curl.ts';
import { Field, SchemaView } from './schema-view.tsx';
import { Words } from './words.tsx';

export interface DescribedCall {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
}

interface Props {
  readonly document: OpenApiDocument;
  readonly call: DescribedCall;
  /** Whether the address names it. */
  readonly wanted: boolean;
}

const CALLERS: Readonly<Record<string, string>> = {
  apiToken: 'an API token',
  session: 'the cookie of a session',
  consoleBearer: 'the bearer of a redeemed console',
};

/** One call: closed its line, open all that the document says of it. */
export function OperationCard({ document, call: { path, method, operation }, wanted }: Props) {
  const { operationId, summary, security, parameters, requestBody, responses } = operation;
  const card = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (!wanted || card.current === null) return;
    card.current.open = true;
    card.current.scrollIntoView();
  }, [wanted]);
  const { schemas } = document.components;
  const body = Object.entries(requestBody?.content ?? {});
  const ways = [...new Set(security.flatMap((way) => Object.keys(way)))];
  return (
    <details class="operation" id={operationId} ref={card} data-operation={operationId}>
      <summary>
        <span class="method" data-method={method}>
          {method.toUpperCase()}
        </span>
        <code class="path">{path}</code>
        <span class="operation-summary">
          <Words text={summary} />
        </span>
      </summary>
      <div class="operation-body">
        <p class="quiet">
          <code>{operationId}</code> · called by{' '}
          {ways.length === 0 ? 'anybody' : ways.map((way) => CALLERS[way] ?? way).join(', or ')}
        </p>
        <Command text={curlOf(document, path, method, operation)} />
        {parameters.length > 0 && (
          <section>
            <h4>Parameters</h4>
            <dl class="fields">
              {parameters.map(({ name, required, description, schema }) => (
                <Field
                  key={name}
                  name={name}
                  of={description === undefined ? schema : { ...schema, description }}
                  needed={required}
                  schemas={schemas}
                />
              ))}
            </dl>
          </section>
        )}
        {body.map(([type, { schema }]) => (
          <section key={type}>
            <h4>Body, {type}</h4>
            <SchemaView schema={schema} schemas={schemas} />
          </section>
        ))}
        <div class="responses">
          {Object.entries(responses).map(([status, { description, content = {} }]) => {
            const [type, answer] = Object.entries(content)[0] ?? [];
            return (
              <section key={status} class="response" data-bad={Number(status) >= 400}>
                <h4>
                  <span class="status">{status}</span> <Words text={description} />
                </h4>
                {answer && type !== 'application/problem+json' && (
                  <SchemaView schema={answer.schema} schemas={schemas} />
                )}
              </section>
            );
          })}
        </div>
      </div>
    </details>
  );
}

/** Milliseconds for which it is said that it was copied. */
const SAID = 2000;

function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setCopied(false), SAID);
    return () => clearTimeout(timer);
  }, [copied]);
  // Without a clipboard (plain http, other than localhost) the text can be marked by hand.
  const copy = () =>
    void navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    );
  return (
    <div class="command">
      <pre data-testid="curl" tabIndex={0}>
        {text}
      </pre>
      <button type="button" onClick={copy} aria-label="Copy the command">
        {copied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
