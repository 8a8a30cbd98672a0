import { createServer } from 'node:http'

createServer((_, response) => {
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end('Hello, World!')
}).listen(Number(process.argv[2]), '127.0.0.1')
