/** As `placeholderData`: show what the last key had until the new one has something. */
export function keepPreviousData<TData>(previous: TData | undefined): TData | undefined {
  return previous
}
