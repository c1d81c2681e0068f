import { hash } from 'node:crypto';
import type { Operation } from '../faults/fault-rule.js';
import { parseForm, type FlatForm, type Form } from '../http/form.js';

/** A request to the provider, read and not yet judged. */
export interface ProviderCall {
  readonly operation: Operation;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Undefined when the parameters were no form. */
  readonly form: Form | undefined;
  /** The intent named in the path; refunds name theirs in the form. */
  readonly pathId: string | null;
  /** Only on requests that change something: reads have no use for one. */
  readonly idempotencyKey: string | null;
  readonly isAuthorised: boolean;
  /** Of method, path and parameters, in any order. */
  readonly fingerprint: string;
}

export interface RawCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly parameters: unknown;
  readonly pathId: string | null;
  readonly authorization: string | undefined;
  readonly idempotencyKey: string | undefined;
}

export function readProviderCall(operation: Operation, raw: RawCall): ProviderCall {
  const flat = isFlatForm(raw.parameters) ? raw.parameters : undefined;
  const key = raw.method === 'POST' ? raw.idempotencyKey?.trim() : undefined;
  return {
    operation,
    method: raw.method,
    path: raw.path,
    form: flat && parseForm(flat),
    pathId: raw.pathId,
    idempotencyKey: key === undefined || key === '' ? null : key,
    isAuthorised: /^Bearer sk_\S+$/.test(raw.authorization ?? ''),
    fingerprint: fingerprintOf(raw, flat ?? {}),
  };
}

function isFlatForm(value: unknown): value is FlatForm {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every(
    (text) => typeof text === 'string' || (Array.isArray(text) && text.every((item) => typeof item === 'string')),
  );
}

/** 128 bits: enough to tell requests apart, short enough to keep by the million. */
function fingerprintOf({ method, path }: RawCall, parameters: FlatForm): string {
  const names = Object.keys(parameters).sort();
  const canonical = JSON.stringify([method, path, names.map((name) => [name, parameters[name]])]);
  return hash('sha256', canonical).slice(0, 32);
}
