/** Counts what is under way, so that it can be waited for. */
export interface Active {
  begin(): void
  end(): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

export function createActive(): Active {
  let count = 0
  let waiting: (() => void)[] = []
  return {
    begin: () => void count++,
    end() {
      count--
      if (count > 0) return
      for (const resolve of waiting) resolve()
      waiting = []
    },
    async idle() {
      if (count > 0) await new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}
