import { expect, it } from 'vitest'
import { tellPort } from '../../src/runtime/tell-port.ts'

it('warns of a port that is not the one asked for, unless any would do', () => {
  const warnings: unknown[] = []
  const logger = { warn: (...given: unknown[]) => warnings.push(given[1]) }
  tellPort('NATS', 4222, 4222, logger)
  tellPort('NATS', 0, 4222, logger)
  expect(warnings).toEqual([])
  tellPort('NATS', 4222, 50_000, logger)
  expect(warnings).toEqual(['port 4222 is taken; NATS listens on 50000'])
})
