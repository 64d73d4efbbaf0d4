import { useState } from 'preact/hooks';

/** A long one is cut off where there is little room, until it is tapped; to a screen reader it is whole. */
export function MachineId({ id }: { id: string }) {
  const [whole, setWhole] = useState(false);
  return (
    <span
      class="machine-id"
      title={id}
      data-whole={whole || undefined}
      onClick={() => setWhole(true)}
    >
      {id}
    </span>
  );
}
