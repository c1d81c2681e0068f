/** The headers of a message, by lower-case name; of repeated ones the first. Folded lines are joined, encoded words read. */
export function readMailHeaders(message: Buffer): ReadonlyMap<string, string> {
  const text = message.toString('utf8');
  const end = text.search(/\r?\n\r?\n/);
  const unfolded = (end === -1 ? text : text.slice(0, end)).replace(/\r?\n[ \t]+/g, ' ');
  const headers = new Map<string, string>();
  for (const line of unfolded.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!headers.has(name)) headers.set(name, decodeWords(line.slice(colon + 1).trim()));
  }
  return headers;
}

const ENCODED_WORD = /=\?(?<charset>[^?]+)\?(?<encoding>[bq])\?(?<data>[^?]*)\?=/gi;

/** RFC 2047: white space between two encoded words belongs to neither. */
function decodeWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(ENCODED_WORD, (_word, charset: string, encoding: string, data: string) => {
      const bytes = encoding.toLowerCase() === 'b' ? Buffer.from(data, 'base64') : quotedBytes(data);
      return new TextDecoder(charset).decode(bytes);
    });
}

function quotedBytes(data: string): Buffer {
  const percent = data
    .replace(/_/g, ' ')
    .replace(/=([0-9A-F]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(percent, 'latin1');
}
