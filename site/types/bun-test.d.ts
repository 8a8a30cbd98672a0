/**
 * The part of Bun's test runner that our tests use. Written here so that the checks need no package for it; `@types/bun`
 * would also bring Node's globals, which code for a browser must not see.
 */
declare module 'bun:test' {
  interface Matchers {
    readonly not: Matchers
    readonly resolves: Matchers
    readonly rejects: Matchers
    toBe(expected: unknown): void
    toEqual(expected: unknown): void
    toMatchObject(expected: object): void
    toHaveLength(expected: number): void
    toContain(expected: unknown): void
    toBeUndefined(): void
    toBeNull(): void
    toBeGreaterThan(expected: number): void
    toBeLessThan(expected: number): void
    toThrow(expected?: string | RegExp | Error | (new (...args: never[]) => Error)): void
  }
  export function test(name: string, body: () => void | Promise<void>): void
  export function describe(name: string, body: () => void): void
  export function beforeEach(body: () => void | Promise<void>): void
  export function afterEach(body: () => void | Promise<void>): void
  export function expect(actual: unknown): Matchers
  export const jest: {
    useFakeTimers(options?: { now?: number }): void
    useRealTimers(): void
    advanceTimersByTime(milliseconds: number): void
  }
}
