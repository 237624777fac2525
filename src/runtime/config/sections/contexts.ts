import { z } from 'zod'
import { flag, paths } from '../kinds.ts'

export const contexts = z
  .strictObject({
    modules: paths('ES modules that export contexts.').default([]),
    builtin: flag('Serve the commerce contexts that come with Headwater.').default(true),
  })
  .describe('The bounded contexts that are served.')
