import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { showTheme, storedTheme } from '../../theme/theme.ts'
import { router } from './router.tsx'

// /theme.js has done so before the first paint, as far as it could.
showTheme(storedTheme())

const queryClient = new QueryClient({
  // Everything is on this machine: a second try would say the same, and events tell what has changed.
  defaultOptions: { queries: { retry: false, staleTime: 1000 } },
})
const root = document.getElementById('root')
if (!root) throw new Error('The page has no element #root')

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
