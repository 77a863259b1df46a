import { CacheError } from '../errors.js'
import {
  CREATED,
  DONE,
  EXISTS,
  IF_ABSENT,
  IF_PRESENT,
  IF_VERSION,
  MISSING,
  REPLACED,
} from '../store/order.js'

export type Condition =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'version'; readonly version: number }

export interface WriteResult {
  /** `exists`: the bucket is immutable and the key lives; `mismatch`: the condition failed. */
  readonly outcome: 'created' | 'replaced' | 'exists' | 'mismatch'
  readonly version: number
}

export interface RemoveResult {
  readonly outcome: 'done' | 'missing' | 'mismatch'
  readonly version: number
}

/** The condition as an order has it. */
export function conditionCode(condition: Condition): number {
  switch (condition.kind) {
    case 'absent':
      return IF_ABSENT
    case 'present':
      return IF_PRESENT
    case 'version':
      return IF_VERSION
    default:
      throw new CacheError('invalid_option', 'onlyIf.kind is absent, present or version')
  }
}

export function writeResult(outcome: number, version: number): WriteResult {
  switch (outcome) {
    case CREATED:
      return { outcome: 'created', version }
    case REPLACED:
      return { outcome: 'replaced', version }
    case EXISTS:
      return { outcome: 'exists', version }
    default:
      return { outcome: 'mismatch', version }
  }
}

export function removeResult(outcome: number, version: number): RemoveResult {
  switch (outcome) {
    case DONE:
      return { outcome: 'done', version }
    case MISSING:
      return { outcome: 'missing', version }
    default:
      return { outcome: 'mismatch', version }
  }
}

/** Whether a write did what it was asked. */
export function succeeded(outcome: number): boolean {
  return outcome === CREATED || outcome === REPLACED || outcome === DONE
}
