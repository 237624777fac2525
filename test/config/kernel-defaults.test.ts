import { describe, expect, test } from 'vitest'
import { CONNECTION_LIMITS } from '../../src/graph/http/connection-limits.ts'
import { LIMITS } from '../../src/graph/limits/settings.ts'
import { STANDARD_TRANSPORT } from '../../src/graph/live/transport-settings.ts'
import { limitsOf, type StepSettings } from '../../src/graph/strategies/limits.ts'
import { load } from './workspace.ts'

describe('the defaults of the configuration are those of the kernel', () => {
  test('for the limits of operations', () => {
    const { operations, ...limits } = LIMITS
    expect(load().config.graph.limits).toEqual(limits)
    expect(operations.size).toBe(0)
  })

  test('for connections of HTTP', () => {
    expect(load().config.http).toMatchObject(CONNECTION_LIMITS)
  })

  test('for live connections', () => {
    expect(load().config.graph.live).toMatchObject(STANDARD_TRANSPORT)
  })

  test.each(['local', 'direct-db', 'fdw', 'http'] as const)('for a step with the strategy %s', (strategy) => {
    const steps: StepSettings = load().config.gateway.steps
    expect(limitsOf(strategy, steps)).toEqual(limitsOf(strategy))
  })
})
