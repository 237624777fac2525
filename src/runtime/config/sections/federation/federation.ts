import { z } from 'zod'
import { subgraphs } from './subgraphs.ts'

export const federation = z
  .strictObject({ subgraphs: subgraphs.default([]) })
  .describe('What the gateway makes one graph of.')
