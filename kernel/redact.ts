const secret = new Set(['password', 'secret', 'pin', 'psk', 'token', 'passwords', 'secrets', 'tokens']);

/** 'wifiPsk', 'sim_pin' and 'token' are secret; 'ping' and 'mapping' are not: whole words of the key count. */
const isSecret = (key: string): boolean =>
  key.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/).some(word => secret.has(word));

const DEEPEST = 6;

/**
 * A copy of what a logger was given that is safe to write down: secrets covered by key name, errors with their stack, octets
 * as hex, nothing too deep, nothing circular. Never throws.
 */
export function plain(value: object): Record<string, unknown> {
  try {
    return copy(value, 0) as Record<string, unknown>;
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return '[deeper]';
  if (value instanceof Error) return ofError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, Math.min(value.byteLength, 64)).toString('hex');
  if (value instanceof Map) return copy(Object.fromEntries([...value].map(([k, v]) => [String(k), v])), depth);
  if (value instanceof Set) return copy([...value], depth);
  if (Array.isArray(value)) return value.slice(0, 100).map(each => copy(each, depth + 1));
  const out: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) out[key] = isSecret(key) ? '[redacted]' : copy(each, depth + 1);
  return out;
}

function ofError(error: Error, depth: number): Record<string, unknown> {
  const out: Record<string, unknown> = { type: error.name, message: error.message, stack: error.stack ?? '' };
  if (error.cause !== undefined) out.cause = copy(error.cause, depth + 1);
  if (error instanceof AggregateError) out.errors = copy(error.errors, depth + 1);
  return out;
}
