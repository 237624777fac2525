import { z } from 'zod'
import { flag, paths, texts } from '../kinds.ts'

export const contexts = z
  .strictObject({
    modules: paths('ES modules that export contexts.').default([]),
    serve: texts(
      'The contexts that this process serves, by name; none named: all that are loaded.',
      'a list of names of contexts, each once',
      /^[A-Za-z0-9_-]{1,128}$/,
    ).default([]),
    builtin: flag('Serve the commerce contexts that come with Headwater.').default(true),
  })
  .describe('The bounded contexts that are served.')
