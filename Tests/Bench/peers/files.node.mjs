// Stores one file and its hashes, and gives it back.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { pipeline } from 'node:stream/promises'

const [port, file] = process.argv.slice(2)

async function* hashing(source) {
  const hashes = [createHash('md5'), createHash('sha256')]
  for await (const chunk of source) {
    for (const hash of hashes) hash.update(chunk)
    yield chunk
  }
  for (const hash of hashes) hash.digest('hex')
}

createServer(async (request, response) => {
  if (request.method === 'PUT') {
    await pipeline(request, hashing, createWriteStream(file))
    response.writeHead(201).end()
  } else if (request.url === '/file') {
    await pipeline(createReadStream(file), response)
  } else {
    response.end()
  }
}).listen(Number(port), '127.0.0.1')
