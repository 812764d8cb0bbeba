import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';

const unpackers: Readonly<Record<string, (packed: Buffer, limits: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  // "deflate" means the zlib format, but some servers send the bare stream; only the first byte tells.
  deflate: (packed, limits) => (hasZlibHeader(packed) ? promisify(inflate) : promisify(inflateRaw))(packed, limits),
};

const hasZlibHeader = (packed: Buffer): boolean => ((packed[0] ?? 0) & 0x0f) === 8;

/** Undoes a Content-Encoding. Throws for an unknown one, for broken data, and for more than `maxBytes` unpacked. */
export async function unpack(packed: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  if (packed.length === 0) return packed;
  let body = packed;
  const layers = encoding.split(',').map((layer) => layer.trim().toLowerCase());
  for (const layer of layers.toReversed()) {
    if (layer === 'identity' || layer === '') continue;
    const unpacker = unpackers[layer];
    if (unpacker === undefined) throw new Error('unknown content encoding');
    body = await unpacker(body, { maxOutputLength: maxBytes });
  }
  return body;
}
