import { describe, expect, test } from 'bun:test'
import {
  comparePatterns,
  interpolatePath,
  joinPaths,
  matchPattern,
  parsePattern,
  resolvePath,
  splitPath,
} from '../src/path.ts'

const match = (pattern: string, path: string, fuzzy = false) =>
  matchPattern(parsePattern(pattern), splitPath(path), { fuzzy })?.params

describe('matching', () => {
  const cases: [string, string, object | undefined][] = [
    ['/', '/', {}],
    ['/about', '/about/', {}],
    ['/about', '/About', {}],
    ['/about', '/about/us', undefined],
    ['/users/$id', '/users/7', { id: '7' }],
    ['/users/$id', '/users', undefined],
    ['/users/$id/posts/$post', '/users/7/posts/a%2Fb', { id: '7', post: 'a/b' }],
    ['/files/$', '/files/a/b%20c', { _splat: 'a/b c' }],
    ['/files/$', '/files', { _splat: '' }],
    ['/{-$lang}/docs', '/docs', {}],
    ['/{-$lang}/docs', '/de/docs', { lang: 'de' }],
    ['/v{$version}.json', '/v12.json', { version: '12' }],
    ['/v{$version}.json', '/v12.xml', undefined],
    ['/v{$version}.json', '/v.json', undefined],
    ['/$name', '/100%', { name: '100%' }],
  ]
  for (const [pattern, path, expected] of cases) {
    test(`${pattern} on ${path}`, () => expect(match(pattern, path)).toEqual(expected))
  }

  test('a fuzzy match leaves the rest', () => {
    expect(matchPattern(parsePattern('/docs'), splitPath('/docs/a/b'), { fuzzy: true })).toEqual({
      params: {},
      rest: 2,
    })
  })

  test('the more exact pattern is tried first', () => {
    const patterns = ['/$', '/$id', '/{-$x}', '/v{$n}', '/about', '/about/$id', '/']
    const sorted = patterns.toSorted((a, b) => comparePatterns(parsePattern(a), parsePattern(b)))
    expect(sorted).toEqual(['/about/$id', '/about', '/v{$n}', '/$id', '/', '/{-$x}', '/$'])
  })
})

describe('building', () => {
  test('parameters are escaped, splats keep their slashes, optional ones may be missing', () => {
    expect(interpolatePath('/users/$id', { id: 'a/b c' })).toBe('/users/a%2Fb%20c')
    expect(interpolatePath('/files/$', { _splat: 'a/b c' })).toBe('/files/a/b%20c')
    expect(interpolatePath('/{-$lang}/docs', {})).toBe('/docs')
    expect(interpolatePath('/v{$n}.json', { n: 3 })).toBe('/v3.json')
  })

  test('a missing parameter is an error that names it', () => {
    expect(() => interpolatePath('/users/$id', {})).toThrow('needs the parameter id')
  })

  test('relative paths start from where they are', () => {
    expect(resolvePath('/a/b', '../c')).toBe('/a/c')
    expect(resolvePath('/a/b', './c')).toBe('/a/b/c')
    expect(resolvePath('/a/b', '.')).toBe('/a/b')
    expect(resolvePath('/a', '../../..')).toBe('/')
    expect(resolvePath('/a/b', '/c')).toBe('/c')
  })

  test('an index route keeps its slash', () => {
    expect(joinPaths('/docs', '/')).toBe('/docs/')
    expect(joinPaths('/', 'docs')).toBe('/docs')
    expect(joinPaths('/', '')).toBe('/')
  })
})
