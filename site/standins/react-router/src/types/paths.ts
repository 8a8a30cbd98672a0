/** Shows an intersection as the one object it is. */
export type Expand<T> = T extends object ? { [K in keyof T]: T[K] } : T

type SegmentParams<S extends string> = S extends '$' | `${string}{$}${string}`
  ? { _splat?: string }
  : S extends `${string}{-$${infer Name}}${string}`
    ? { [K in Name]?: string }
    : S extends `${string}{$${infer Name}}${string}`
      ? { [K in Name]: string }
      : S extends `$${infer Name}`
        ? { [K in Name]: string }
        : // oxlint-disable-next-line typescript/no-empty-object-type -- no parameters
          {}

type PathParamsOf<TPath extends string> = TPath extends `${infer Head}/${infer Rest}`
  ? SegmentParams<Head> & PathParamsOf<Rest>
  : SegmentParams<TPath>

/** `PathParams<'/docs/$section/{-$page}'>` is `{ section: string; page?: string }`. */
export type PathParams<TPath extends string> = Expand<PathParamsOf<TPath>>

type TrimLeft<T extends string> = T extends `/${infer Rest}` ? TrimLeft<Rest> : T
type TrimRight<T extends string> = T extends `${infer Rest}/` ? TrimRight<Rest> : T

/** Parent and own path. An index route (`/`) is told from its parent by the slash at its end. */
export type JoinPath<TParent extends string, TPath extends string> = TPath extends ''
  ? TParent
  : `${TrimRight<TParent>}/${TrimLeft<TPath>}`

/** The path as links spell it: without the slash of an index route. */
export type LinkPath<TFullPath extends string> = TFullPath extends '' | '/'
  ? '/'
  : TrimRight<TFullPath>

export type RootId = '__root__'
export type JoinId<TParentId extends string, TOwn extends string> = JoinPath<
  TParentId extends RootId ? '' : TParentId,
  TOwn
>
