/** Who has left is told so, by the signal's reason; what others wait for too goes on. */
export async function whileWaited<T>(
  shared: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return shared;
  let leave: () => void = () => undefined;
  const left = new Promise<never>((_resolve, reject) => {
    leave = () => reject(signal.reason as Error);
  });
  signal.addEventListener('abort', leave);
  if (signal.aborted) leave();
  try {
    return await Promise.race([left, shared]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
