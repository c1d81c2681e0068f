import { NotUnderstoodError } from './wire-event.js';

/** Knows where the body of one HTTP message ends. */
export class HttpBody {
  private constructor(private reader: BodyReader) {}

  static of(headers: ReadonlyMap<string, string>, otherwise: 'none' | 'until the end'): HttpBody {
    if (headers.get('transfer-encoding')?.includes('chunked') === true)
      return new HttpBody({ kind: 'chunk-head', line: '' });
    const length = headers.get('content-length');
    if (length !== undefined) return new HttpBody(counted(Number(length), { kind: 'over' }));
    return new HttpBody(otherwise === 'none' ? { kind: 'over' } : { kind: 'until-end' });
  }

  static none(): HttpBody {
    return new HttpBody({ kind: 'over' });
  }

  get isOver(): boolean {
    return this.reader.kind === 'over';
  }

  /** Reads on and tells how many of these bytes belong to the body. */
  take(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.isOver) at += this.step(bytes.subarray(at));
    return at;
  }

  private step(bytes: Buffer): number {
    const { reader } = this;
    switch (reader.kind) {
      case 'over':
        return 0;
      case 'until-end':
        return bytes.length;
      case 'counted': {
        const taken = Math.min(reader.left, bytes.length);
        this.reader = counted(reader.left - taken, reader.next);
        return taken;
      }
      case 'chunk-head':
      case 'trailer':
        return this.stepLine(bytes, reader);
    }
  }

  private stepLine(bytes: Buffer, reader: LineReader): number {
    const newline = bytes.indexOf('\n');
    const taken = newline === -1 ? bytes.length : newline + 1;
    const line = reader.line + bytes.toString('latin1', 0, taken);
    this.reader = newline === -1 ? { ...reader, line } : afterLine(reader.kind, line.trim());
    return taken;
  }
}

type BodyReader =
  | { readonly kind: 'over' }
  | { readonly kind: 'until-end' }
  | { readonly kind: 'counted'; readonly left: number; readonly next: BodyReader }
  | LineReader;

interface LineReader {
  readonly kind: 'chunk-head' | 'trailer';
  readonly line: string;
}

function counted(left: number, next: BodyReader): BodyReader {
  if (!Number.isSafeInteger(left) || left < 0) throw new NotUnderstoodError(`a body of ${left} bytes`);
  return left === 0 ? next : { kind: 'counted', left, next };
}

/** A chunk is its size in hex, its bytes and an empty line; one of size 0 is followed by trailers and an empty line. */
function afterLine(kind: LineReader['kind'], line: string): BodyReader {
  if (kind === 'trailer') return line === '' ? { kind: 'over' } : { kind: 'trailer', line: '' };
  const size = Number.parseInt(line, 16);
  return size === 0 ? { kind: 'trailer', line: '' } : counted(size + 2, { kind: 'chunk-head', line: '' });
}
