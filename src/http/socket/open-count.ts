/** Counts what is open at a time, by whom, in this process. */
export interface OpenCount {
  /** Counts one more of somebody's; answers how to count it no longer, or null when there are as many as may be. */
  enter(key: string): (() => void) | null
}

export function createOpenCount(max: number): OpenCount {
  const counts = new Map<string, number>()
  return {
    enter(key) {
      const count = counts.get(key) ?? 0
      if (count >= max) return null
      counts.set(key, count + 1)
      let open = true
      return () => {
        if (!open) return
        open = false
        const rest = (counts.get(key) ?? 1) - 1
        if (rest > 0) counts.set(key, rest)
        else counts.delete(key)
      }
    },
  }
}
