/** What libraries for schemas agree on (standardschema.dev), as far as search needs it. */
interface StandardSchema<TOutput> {
  readonly '~standard': {
    readonly validate: (
      value: unknown,
    ) =>
      | { value: TOutput; issues?: undefined }
      | { issues: readonly { message: string }[] }
      | Promise<unknown>
  }
}

/** Mark a validator's argument with this to say what links must give, where that differs from what it answers. */
export interface SearchSchemaInput {
  __TSearchSchemaInput__: 'TSearchSchemaInput'
}

export type SearchValidator<TInput, TOutput> =
  ((search: TInput) => TOutput) | { parse: (search: unknown) => TOutput } | StandardSchema<TOutput>

export class SearchParamError extends Error {
  override name = 'SearchParamError'
}

export function validateSearch(
  validator: SearchValidator<any, object> | undefined,
  search: Record<string, unknown>,
): Record<string, unknown> {
  if (!validator) return {}
  try {
    if (typeof validator === 'function') return validator(search) as Record<string, unknown>
    if ('parse' in validator) return validator.parse(search) as Record<string, unknown>
    const result = validator['~standard'].validate(search)
    if (result instanceof Promise) throw new Error('Search must be checked at once, not later')
    if (result.issues) throw new Error(result.issues.map((issue) => issue.message).join('; '))
    return result.value as Record<string, unknown>
  } catch (error) {
    throw new SearchParamError(error instanceof Error ? error.message : String(error), {
      cause: error,
    })
  }
}
