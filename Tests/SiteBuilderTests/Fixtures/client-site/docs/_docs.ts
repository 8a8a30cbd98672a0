import { greet } from '../app/shared'

document.title = greet('reader')
