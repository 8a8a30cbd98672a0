import type { LooseNavigateOptions, NavigateOptions, ToPath } from './types/links.ts'

/** Thrown by a loader or `beforeLoad` to send the visitor elsewhere. */
export class Redirect extends Error {
  override name = 'Redirect'
  readonly options: LooseNavigateOptions

  constructor(options: LooseNavigateOptions) {
    super('redirect')
    this.options = options
  }
}

/** `throw redirect({ to: '/login' })`. The present history entry is replaced unless `replace: false`. */
export function redirect<const TTo extends ToPath = '.'>(options: NavigateOptions<TTo>): Redirect {
  return new Redirect(options as LooseNavigateOptions)
}

export const isRedirect = (value: unknown): value is Redirect => value instanceof Redirect

/** Thrown by a loader, `beforeLoad` or a component when the address is well formed and there is nothing at it. */
export class NotFoundError extends Error {
  override name = 'NotFoundError'
  readonly data: unknown
  /** The route whose `notFoundComponent` shall answer; the nearest that has one unless said. */
  readonly routeId: string | undefined

  constructor(options: { data?: unknown; routeId?: string }) {
    super('not found')
    this.data = options.data
    this.routeId = options.routeId
  }
}

export function notFound(options: { data?: unknown; routeId?: string } = {}): NotFoundError {
  return new NotFoundError(options)
}

export const isNotFound = (value: unknown): value is NotFoundError => value instanceof NotFoundError
