import { pathToFileURL } from 'node:url'
import { HeadwaterError } from '../streams/errors.ts'
import type { Config } from './config/index.ts'
import type { Context } from './define-context.ts'

export class ContextModuleError extends HeadwaterError {
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

/** @throws ContextModuleError when a context, an aggregate or a projection is there twice */
export function distinct(contexts: readonly Context[]): Context[] {
  const names = {
    context: contexts.map(({ name }) => name),
    aggregate: contexts.flatMap(({ aggregates }) => aggregates.map(({ name }) => name)),
    projection: contexts.flatMap(({ projections }) => projections.map(({ name }) => name)),
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
  return [...contexts]
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
  try {
    const module: Record<string, unknown> = await import(url)
    return Object.values(module).filter(isContext)
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
