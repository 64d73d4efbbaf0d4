/**
 * The Xauthority file of one cookie that holds for any host and any display (FamilyWild), so
 * that it can be written before the display's number is known.
 */
export function xauthorityOf(cookie: Buffer): Buffer {
  const field = (data: Buffer) => Buffer.concat([Buffer.from([0, data.length]), data]);
  const empty = Buffer.alloc(0);
  return Buffer.concat([
    Buffer.from([0xff, 0xff]),
    ...[empty, empty, Buffer.from('MIT-MAGIC-COOKIE-1'), cookie].map(field),
  ]);
}
