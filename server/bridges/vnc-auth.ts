import { createCipheriv } from 'node:crypto';

export const CHALLENGE_BYTES = 16;

/**
 * The answer to a challenge of VNC authentication (RFC 6143, section 7.2.2): single DES with the
 * first eight bytes of the password as key, each byte's bits mirrored. OpenSSL 3 has single DES no
 * more; three times the same key in triple DES is the same cipher.
 */
export function vncAuthResponse(password: string, challenge: Buffer): Buffer {
  const key = Buffer.alloc(8);
  Buffer.from(password, 'utf8').copy(key, 0, 0, 8);
  const mirrored = key.map(mirror);
  const cipher = createCipheriv(
    'des-ede3-ecb',
    Buffer.concat([mirrored, mirrored, mirrored]),
    null,
  );
  return cipher.setAutoPadding(false).update(challenge);
}

function mirror(byte: number): number {
  let mirrored = 0;
  for (let bit = 0; bit < 8; bit += 1) mirrored |= ((byte >> bit) & 1) << (7 - bit);
  return mirrored;
}
