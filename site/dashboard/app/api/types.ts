export interface Overview {
  version: string
  startedAt: number
  now: number
  stateFolder: string
  urls: { what: string; url: string }[]
  workers: {
    name: string
    bindings: { kind: string; name: string; resource: string }[]
    crons: string[]
    vars: string[]
  }[]
  counts: { kvNamespaces: number; r2Buckets: number; queues: number; requests: number }
  clock: { movable: boolean; offsetSeconds: number }
}

export interface LoggedRequest {
  seq: number
  time: number
  method: string
  target: string
  host: string
  status: number
  milliseconds: number
  bytes: number
  completed: boolean
  source: string
  reason: string
  ray: string
  client: string
  cacheStatus: string | null
  limits: { name: string; used: number; limit: number; unit: string }[]
  logs: { time: number; level: string; message: string }[]
  explanation: { step: string; text: string }[]
}

export interface KVKey {
  name: string
  expiration: number | null
  metadata: unknown
  size: number
}

export interface KVValue {
  name: string
  value: string
  base64: boolean
  size: number
  truncated: boolean
  metadata: unknown
  expiration: number | null
}

export interface R2Entry {
  key: string
  size: number
  etag: string
  uploaded: number
  storageClass: string
}

export interface R2Details extends R2Entry {
  encrypted: boolean
  httpMetadata: Record<string, string>
  customMetadata: Record<string, string>
  checksums: Record<string, string>
}

export interface Queue {
  name: string
  waiting: number
  delayed: number
  leased: number
  isDeadLetterQueue: boolean
  dead: number | null
  deadLetterQueue: string | null
  consumer: string | null
  paused: boolean
}

export interface QueueMessage {
  id: string
  state: 'waiting' | 'delayed' | 'leased'
  attempts: number
  sentAt: number
  visibleAt: number | null
  origin: string | null
  contentType: string
  body: string
  base64: boolean
  size: number
}

export interface CronRun {
  worker: string
  cron: string
  time: number
  outcome: string
  milliseconds: number
  trigger: 'schedule' | 'manual'
  error: string | null
}

export interface Cron {
  worker: string
  cron: string
  next: number | null
  runs: CronRun[]
}

export interface StateReport {
  folder: string
  parts: { name: string; bytes: number; entries: number }[]
  snapshots: { name: string; created: number; bytes: number }[]
}
