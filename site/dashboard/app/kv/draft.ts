import type { KVValue } from '../api/types.ts'

/** A value as it stands in the form. */
export interface KVDraft {
  name: string
  text: string
  metadata: string
  /** As a field for date and time has it, where the reader is; empty for never. */
  expiration: string
}

export const draftOf = (value: KVValue | undefined): KVDraft => ({
  name: value?.name ?? '',
  text: value?.value ?? '',
  metadata: value === undefined || value.metadata === null ? '' : JSON.stringify(value.metadata),
  expiration: value?.expiration ? localTime(value.expiration * 1000) : '',
})

/** `2026-11-24T10:20`, where the reader is. */
export function localTime(time: number): string {
  const date = new Date(time - new Date(time).getTimezoneOffset() * 60_000)
  return date.toISOString().slice(0, 16)
}

export function metadataOf(text: string): { value: unknown; problem?: string } {
  if (text.trim() === '') return { value: null }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return {
      value: null,
      problem: `Metadata is no JSON: ${error instanceof Error ? error.message : error}`,
    }
  }
}
