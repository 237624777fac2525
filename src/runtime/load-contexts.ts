import { pathToFileURL } from 'node:url'
import type { FeedDefinition } from '../feed/define-feed.ts'
import { type Identify, anonymous } from '../graph/context/identify.ts'
import { HeadwaterError } from '../streams/errors.ts'
import type { Config } from './config/index.ts'
import { type Context, SAGAS } from './define-context.ts'
import { sagasContext } from './sagas/context.ts'

class ContextModuleError extends HeadwaterError {
  constructor(detail: string, cause?: unknown) {
    super({ code: 'CONTEXTS_INVALID', status: 500, detail, cause })
  }
}

/**
 * The contexts to serve: those that come with Headwater unless switched off, and every context that the configured
 * modules export, under whatever name.
 *
 * @throws ContextModuleError when a module cannot be loaded or exports no context, or a name is there twice
 */
export async function loadContexts({ modules, builtin }: Config['contexts']): Promise<Context[]> {
  const contexts = await Promise.all([
    ...(builtin ? [builtinContexts()] : []),
    ...modules.map((path) => moduleContexts(path)),
  ])
  return distinct(contexts.flat())
}

/**
 * Who sends a request of the graph, as the configured modules say: what one of them exports as `identify`. Without one nobody is
 * told apart.
 *
 * @throws ContextModuleError when a module cannot be loaded, or two say it
 */
export async function loadIdentify({ modules }: Config['contexts']): Promise<Identify> {
  const exported = await Promise.all(modules.map((path) => exportsOf(pathToFileURL(path).href, path)))
  const [identify, another] = exported.flatMap((module) =>
    typeof module['identify'] === 'function' ? [module['identify']] : [],
  )
  if (another) throw new ContextModuleError('Two modules export identify: one of them has to say who asks')
  return identify ? (headers) => Reflect.apply(identify, undefined, [headers]) : anonymous
}

/** @throws ContextModuleError when a context, an aggregate, a projection, a reactor or a public event type is there twice */
export function distinct(all: readonly Context[]): Context[] {
  // Made out of the others, and so anew.
  const contexts = all.filter(({ name }) => name !== SAGAS)
  const sagas = sagasContext(contexts)
  const complete = sagas ? [...contexts, sagas] : contexts
  const names = {
    context: contexts.map(({ name }) => name),
    aggregate: contexts.flatMap(({ aggregates, sagas }) => [...aggregates, ...sagas].map(({ name }) => name)),
    projection: complete.flatMap(({ projections }) => projections.map(({ name }) => name)),
    // With those made for the steps of sagas: `order-return` and `received` make the same name as `order` and `return-received`.
    reactor: complete.flatMap(({ reactors }) => reactors.map(({ name }) => name)),
    'public event type': contexts.flatMap(({ feeds }) => feeds.flatMap(publicTypes)),
  }
  for (const [kind, all] of Object.entries(names)) {
    const twice = all.find((name, index) => all.indexOf(name) !== index)
    if (twice !== undefined) throw new ContextModuleError(`There are two ${kind}s with the name ${twice}`)
  }
  if (contexts.length === 0) {
    throw new ContextModuleError(
      'There is no context to serve: set contexts.builtin = true or contexts.modules',
    )
  }
  return complete
}

/** Its public types, each once: two of its events may be shown as the same. */
function publicTypes({ publications }: FeedDefinition): string[] {
  return [...new Set([...publications.values()].map(({ as }) => as))]
}

/**
 * Those of the contexts that this process serves: all of them when none is named. The others are known all the same: their
 * logs can be read, and their entities referred to.
 *
 * @throws ContextModuleError when a name is none of theirs
 */
export function servedOf(known: readonly Context[], { serve }: Config['contexts']): Context[] {
  const names = known.map(({ name }) => name)
  const stranger = serve.find((name) => !names.includes(name))
  if (stranger !== undefined) {
    throw new ContextModuleError(
      `There is no context ${JSON.stringify(stranger)} to serve: contexts.serve can name ${names.join(', ')}`,
    )
  }
  return serve.length === 0 ? [...known] : known.filter(({ name }) => serve.includes(name))
}

/** Loaded by name, not imported: no kernel folder depends on a domain. */
async function builtinContexts(): Promise<Context[]> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return await contextsIn(
    new URL(`../domains/index.${extension}`, import.meta.url).href,
    'the built-in contexts',
  )
}

async function moduleContexts(path: string): Promise<Context[]> {
  const contexts = await contextsIn(pathToFileURL(path).href, path)
  if (contexts.length === 0)
    throw new ContextModuleError(`${path} exports no context: export what defineContext returns`)
  return contexts
}

async function contextsIn(url: string, name: string): Promise<Context[]> {
  return Object.values(await exportsOf(url, name)).filter(isContext)
}

async function exportsOf(url: string, name: string): Promise<Record<string, unknown>> {
  try {
    const module: Record<string, unknown> = await import(url)
    return module
  } catch (error) {
    throw new ContextModuleError(
      `${name} could not be loaded: ${error instanceof Error ? error.message : 'unknown'}`,
      error,
    )
  }
}

function isContext(value: unknown): value is Context {
  return (
    typeof value === 'object' &&
    value !== null &&
    'aggregates' in value &&
    Array.isArray(value.aggregates) &&
    'projections' in value &&
    'name' in value
  )
}
