import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server } from 'node:http';

/** A method and a path that a router answers: `GET /api/v1/machines/{id}`. */
export type Route = string;

interface Layer {
  readonly rawPath: string | readonly string[];
  readonly handle: { readonly stack?: readonly Layer[] };
  readonly route?: {
    readonly path: string | string[] | RegExp;
    readonly methods: Record<string, boolean>;
  };
}

/** The routes of the Express application that serves this URL, read off its routers. */
export async function routesOf(url: string): Promise<Route[]> {
  const { stack } = (await applicationOf(url)).router;
  return stack.flatMap((layer) => routesBelow(layer, ''));
}

function routesBelow({ route, rawPath, handle }: Layer, prefix: string): Route[] {
  if (!route) {
    const mounts = [rawPath].flat();
    return mounts.flatMap((mount) =>
      (handle.stack ?? []).flatMap((layer) => routesBelow(layer, prefix + mount)),
    );
  }
  // What answers every method says only that this one is not possible.
  // A mistyped address, in words for browsers: no call has a pattern in the place of its path.
  if (route.path instanceof RegExp) return [];
  const methods = Object.keys(route.methods).filter((method) => method !== '_all');
  return [route.path]
    .flat()
    .flatMap((path) => methods.map((method) => named(method, prefix + path)));
}

function named(method: string, path: string): Route {
  const clean = path.replaceAll(/\/+/g, '/').replace(/(?<=.)\/$/, '');
  return `${method.toUpperCase()} ${clean.replaceAll(/:(\w+)/g, '{$1}')}`;
}

/** Node tells of every request that a server of this process begins to answer, and of the server. */
async function applicationOf(url: string): Promise<{ router: { stack: readonly Layer[] } }> {
  const port = Number(new URL(url).port);
  let application: unknown;
  const seen = (message: unknown): void => {
    const { request, server } = message as { request: IncomingMessage; server: Server };
    if (request.socket.localPort === port) application = server.listeners('request')[0];
  };
  subscribe('http.server.request.start', seen);
  try {
    await (await fetch(`${url}/healthz`)).arrayBuffer();
  } finally {
    unsubscribe('http.server.request.start', seen);
  }
  if (!application) throw new Error(`no server of this process answers at ${url}`);
  return application as { router: { stack: readonly Layer[] } };
}
