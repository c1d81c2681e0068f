/**
 * Cuts a stream into frames whose length is told by their first bytes. A frame is kept back until it is complete, or
 * until there is enough of it to be recognised; the rest of a long one is passed on as it comes, so that a big body costs no
 * memory.
 */
export class FrameSplitter {
  private kept: Buffer = Buffer.alloc(0);
  private restOfFrame = 0;

  /** `measure` tells the length of the frame that starts with these bytes, or 0 when it needs more of them. */
  constructor(private readonly measure: (start: Buffer) => number) {}

  split(chunk: Buffer): readonly FramePart[] {
    let rest: Buffer = this.kept.length === 0 ? chunk : Buffer.concat([this.kept, chunk]);
    const parts: FramePart[] = [];
    while (rest.length > 0) {
      const part = this.restOfFrame > 0 ? this.continueFrame(rest) : this.startFrame(rest);
      if (part === undefined) break;
      parts.push(part);
      rest = rest.subarray(part.bytes.length);
    }
    this.kept = rest;
    return parts;
  }

  private startFrame(rest: Buffer): FramePart | undefined {
    const length = this.measure(rest);
    if (length === 0 || (rest.length < length && rest.length < RECOGNISED_BYTES)) return undefined;
    const bytes = rest.subarray(0, length);
    this.restOfFrame = length - bytes.length;
    return { bytes, isFirst: true, isLast: this.restOfFrame === 0 };
  }

  private continueFrame(rest: Buffer): FramePart {
    const bytes = rest.subarray(0, this.restOfFrame);
    this.restOfFrame -= bytes.length;
    return { bytes, isFirst: false, isLast: this.restOfFrame === 0 };
  }
}

export interface FramePart {
  readonly bytes: Buffer;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** Every method of AMQP, every name of a statement, and enough of its text to see what it changes. */
const RECOGNISED_BYTES = 16_384;
