import { farewell } from '../shared'
import { label } from '../labels'
import './about.css'

export default function About() {
  return (
    <p className="about">
      {farewell('all')} {label('pages', 2)}
    </p>
  )
}
