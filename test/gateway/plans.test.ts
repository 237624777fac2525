import { parse } from 'graphql/index.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHivePlanner } from '../../src/graph/gateway/plan/hive-planner.ts'
import { ask } from './ask.ts'
import { gatewayOf, serveGraph, startSubgraphs } from './graph.ts'
import { gatewayRequest } from './request.ts'

const definitions = {
  a: {
    // Nobody can get from a Part to its size: b has no key for it.
    sdl: 'type Query { one: Int part: Part color: Color! colorless: Color } type Part { id: ID! @shareable } enum Color { RED BLUE @inaccessible }',
    resolvers: {
      Query: { one: () => 1, part: () => ({ id: 'p' }), color: () => 'BLUE', colorless: () => 'BLUE' },
    },
  },
  b: { sdl: 'type Query { two: Int }', resolvers: { Query: { two: () => 2 } } },
}

let graph: Awaited<ReturnType<typeof startSubgraphs<'a' | 'b'>>>
beforeAll(async () => {
  graph = await startSubgraphs(definitions)
})
afterAll(async () => {
  await graph.stop()
})

/** A gateway that counts what it plans; `fail` makes the next plan fail. */
async function counting() {
  const planned: string[] = []
  let failure: Error | undefined
  const gateway = await gatewayOf(graph.supergraph(), {
    async createPlanner(sdl) {
      const planner = await createHivePlanner(sdl)
      return {
        publicSdl: planner.publicSdl,
        async plan(document, name) {
          planned.push(document)
          const error = failure
          failure = undefined
          if (error) throw error
          return await planner.plan(document, name)
        },
      }
    },
  })
  const { request } = gatewayRequest()
  return {
    gateway,
    planned,
    fail: (error: Error) => void (failure = error),
    run: (query: string, operationName?: string) =>
      gateway.execute({ document: parse(query), operationName, variables: {}, request }),
  }
}

describe('plans', () => {
  it('are made once for an operation, whoever asks for it at the same time', async () => {
    const { run, planned, gateway } = await counting()
    const answers = await Promise.all(Array.from({ length: 5 }, () => run('{ one two }')))
    expect(answers.map(({ data }) => data)).toEqual(answers.map(() => ({ one: 1, two: 2 })))
    await run('{ one two }')
    expect(planned).toHaveLength(1)
    await gateway.close()
  })

  it('are of one operation each, of several in a document', async () => {
    const { run, planned, gateway } = await counting()
    const query = 'query A { one } query B { two }'
    expect([(await run(query, 'A')).data, (await run(query, 'B')).data]).toEqual([{ one: 1 }, { two: 2 }])
    expect(planned).toHaveLength(2)
    await expect(run(query, 'C')).rejects.toThrow('Unknown operation named "C"')
    await gateway.close()
  })

  it('that failed are made again', async () => {
    const { run, fail, gateway } = await counting()
    fail(new Error('passing'))
    await expect(run('{ one }')).rejects.toThrow('passing')
    expect((await run('{ one }')).data).toEqual({ one: 1 })
    await gateway.close()
  })

  it('are not made for introspection', async () => {
    const { run, planned, gateway } = await counting()
    expect(
      (await run('{ __schema { queryType { name } } ...F } fragment F on Query { __typename }')).data,
    ).toEqual({
      __schema: { queryType: { name: 'Query' } },
      __typename: 'Query',
    })
    expect(planned).toEqual([])
    await gateway.close()
  })
})

describe('what is inaccessible', () => {
  it('is not in an answer, and in no message', async () => {
    const { url, server } = await serveGraph(graph.supergraph())
    const { data, errors, text } = await ask(url, '{ one colorless }')
    expect(data).toEqual({ one: 1, colorless: null })
    expect(errors).toMatchObject([{ path: ['colorless'], extensions: { code: 'SUBGRAPH_INVALID_RESULT' } }])
    expect(text).not.toContain('BLUE')
    expect((await ask(url, '{ one color }')).data).toBeNull()
    await server.close()
  })
})
