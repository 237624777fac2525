import type { ResultStream } from './operation.ts'

/**
 * The operations of one WebSocket connection, whatever their ids: a client that ends one while it begins, and takes its id again, has
 * two, of which the protocol's library knows one.
 */
export interface UnderWay {
  count(): number
  begin(operation: object): void
  /** The operation answers with these, and is under way until they end. */
  streams(operation: object, results: ResultStream): ResultStream
  end(operation: object): void
  /** The connection is gone: ends those that answer, and those that begin to from here on. */
  endAll(): Promise<void>
}

export function createUnderWay(): UnderWay {
  const operations = new Map<object, ResultStream | undefined>()
  let isOver = false

  function end(operation: object): void {
    operations.delete(operation)
  }

  return {
    count: () => operations.size,
    begin: (operation) => void operations.set(operation, undefined),
    end,
    streams(operation, results) {
      const stream: ResultStream = {
        async next() {
          try {
            if (isOver) return await stream.return()
            const next = await results.next()
            if (next.done === true) end(operation)
            return next
          } catch (error) {
            end(operation)
            throw error
          }
        },
        async return() {
          end(operation)
          return await results.return()
        },
        [Symbol.asyncIterator]: () => stream,
      }
      operations.set(operation, stream)
      return stream
    },
    async endAll() {
      isOver = true
      await Promise.all([...operations.values()].flatMap((stream) => (stream ? [stream.return()] : [])))
    },
  }
}
