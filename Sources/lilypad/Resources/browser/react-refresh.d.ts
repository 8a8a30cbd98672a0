/** The part of React's refresh runtime that the dev client uses; the package has no types of its own. */
declare module 'react-refresh/runtime' {
  /** Has to be called before react-dom is loaded. */
  export function injectIntoGlobalHook(global: object): void
  export function register(type: unknown, id: string): void
  export function createSignatureFunctionForTransform(): (
    type: unknown,
    key?: string,
    forceReset?: boolean,
    getCustomHooks?: () => unknown[],
  ) => unknown
  export function isLikelyComponentType(type: unknown): boolean
  export function getFamilyByType(type: unknown): { current: unknown } | undefined
  export function performReactRefresh(): unknown
  export function hasUnrecoverableErrors(): boolean
}
