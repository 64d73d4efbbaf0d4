/** Orders consoles by age and, within a millisecond, by id. */
export function ageOf({ createdAt, id }: { createdAt: number; id: string }): string {
  return `${String(createdAt).padStart(16, '0')} ${id}`;
}
