import './app.css'
import { lazy } from 'react'
import { createRoot } from 'react-dom/client'
import { QueryClient } from '@tanstack/react-query'
import { greet } from '#/shared'
import leaf from './images/leaf.png'

const Home = lazy(() => import('./routes/home'))
const About = lazy(() => import('./routes/about'))

function App() {
  return (
    <main className="p-4" data-api={process.env.PUBLIC_API}>
      <img src={leaf} alt="" />
      {greet('you')} {process.env.NODE_ENV} <Home /> <About />
    </main>
  )
}

createRoot(document.getElementById('root')!).render(<App key={String(new QueryClient())} />)
