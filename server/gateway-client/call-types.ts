import type * as z from 'zod/mini';
import type { Operation } from '../contract/index.ts';

/** The parameters that a path names: `{id: string}` of `/consoles/{id}`. */
type PathParams<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [K in Name]: string } & PathParams<Rest>
  : unknown;

/** `{[name]: T}`, which may be left out where nothing in it is required. */
type Part<Name extends string, T> = unknown extends T
  ? unknown
  : Partial<T> extends T
    ? { readonly [K in Name]?: T }
    : { readonly [K in Name]: T };

type BodyOf<O> = O extends { body: infer Body extends z.ZodMiniType } ? z.input<Body> : unknown;
// The output: what a query's schema coerces comes as text, and is a number to its callers.
type QueryOf<O> = O extends { query: infer Query extends z.ZodMiniType }
  ? Partial<z.output<Query>>
  : unknown;

/** What a call of this operation is given. */
export type CallInput<O extends Operation> = Part<'params', PathParams<O['path']>> &
  Part<'query', QueryOf<O>> &
  Part<'body', BodyOf<O>> & {
    /** Gives the call up; its reason is thrown. */
    readonly signal?: AbortSignal;
  };

/** Nothing need be given where nothing is required. */
export type CallArguments<O extends Operation> =
  Partial<CallInput<O>> extends CallInput<O> ? [input?: CallInput<O>] : [input: CallInput<O>];

type AnswersOf<O extends Operation> = {
  [Status in keyof O['answers'] &
    (200 | 201 | 202 | 204)]: O['answers'][Status] extends z.ZodMiniType
    ? z.output<O['answers'][Status]>
    : undefined;
};

/** What a call of this operation resolves to when it succeeds. */
export type CallAnswer<O extends Operation> = AnswersOf<O>[keyof AnswersOf<O>];

/** A page of a list, whole: some have more than their items. */
export type CallPage<O extends Operation> =
  CallAnswer<O> extends { items: readonly unknown[]; next: string | null } ? CallAnswer<O> : never;

/** What a list of this operation's holds. */
export type CallItem<O extends Operation> = CallPage<O>['items'][number];

/** The data of this operation's Server-Sent Events. */
export type CallEvent<O extends Operation> = O extends {
  events: infer Event extends z.ZodMiniType;
}
  ? z.output<Event>
  : never;
