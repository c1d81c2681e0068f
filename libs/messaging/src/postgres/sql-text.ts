/**
 * What strangers wrote, made storable. Postgres refuses a NUL in text, and an insert that fails because of its own content
 * would fail for ever.
 */
export function toText(text: string | null): string | null {
  return text === null ? null : text.slice(0, TEXT_CHARACTERS_MAX).replaceAll('\0', '\uFFFD');
}

/** As JSON text for a `json` column, which checks only the syntax. Cut off, it would be no JSON: too much becomes a note. */
export function toJson(value: unknown): string {
  const json =
    JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? member.toString() : member)) ??
    'null';
  return json.length <= TEXT_CHARACTERS_MAX ? json : JSON.stringify({ omitted: `${json.length} characters` });
}

/** Enough for any stack trace and any honest header. */
const TEXT_CHARACTERS_MAX = 16_384;
