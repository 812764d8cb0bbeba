import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '../config.js';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * The certificates of CA_FILE: authorities that systems of one's own network have theirs from, trusted besides the public ones.
 *
 * @throws ConfigurationError when the file cannot be read or holds none
 */
export async function certificateAuthorities(caFile: string | undefined): Promise<readonly string[]> {
  if (caFile === undefined) return [];
  const expected = 'CA_FILE: expected a readable file with certificates of authorities in PEM';
  const text = await readFile(caFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigurationError([`${expected}, got ${error.code ?? error.name} for "${caFile}"`]);
  });
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw new ConfigurationError([`${expected}, got none in "${caFile}"`]);
  certificates.forEach((certificate, index) => {
    if (!isAuthority(certificate))
      throw new ConfigurationError([`${expected}, got something else as number ${index + 1} in "${caFile}"`]);
  });
  return certificates;
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}
