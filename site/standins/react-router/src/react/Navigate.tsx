import { useEffect } from 'react'
import type { LooseNavigateOptions, NavigateOptions, ToPath } from '../types/links.ts'
import { useRouter } from './context.ts'

/** Goes elsewhere as soon as it is on screen. */
export function Navigate<const TTo extends ToPath = '.'>(options: NavigateOptions<TTo>): null {
  const router = useRouter()
  const { href } = router.buildLooseLocation(options as LooseNavigateOptions)
  useEffect(() => {
    void router.navigateLoosely({ href, replace: true })
  }, [router, href])
  return null
}
