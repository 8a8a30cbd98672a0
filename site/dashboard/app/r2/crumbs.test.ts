import { expect, test } from 'bun:test'
import { crumbs } from './crumbs.ts'

test('a prefix is a path of folders', () => {
  expect(crumbs('')).toEqual([{ label: 'bucket', path: '' }])
  expect(crumbs('a/b/').map(({ path }) => path)).toEqual(['', 'a/', 'a/b/'])
  expect(crumbs('a//').map(({ label }) => label)).toEqual(['bucket', 'a', '∅'])
})
