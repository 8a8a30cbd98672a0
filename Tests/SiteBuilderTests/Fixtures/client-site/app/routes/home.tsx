import { useState } from 'react'
import { label } from '../labels'
import count from 'plain-counter'

export default function Home() {
  const [clicks, setClicks] = useState(0)
  return (
    <button className="underline" onClick={() => setClicks(clicks + 1)}>
      The first word {label('clicks', clicks)} {count()}
    </button>
  )
}
