import { encode } from 'uqr';

interface Props {
  readonly text: string;
  readonly label: string;
}

/** Modules of light around the code, which readers need (ISO/IEC 18004, quiet zone). */
const BORDER = 4;
/** CSS pixels of a module: a whole number, or some come out wider than others. */
const MODULE = 4;

/**
 * Drawn by the page itself: what it holds goes nowhere. Dark on light whatever the theme is. A screen is
 * never torn or dirty: the least correction makes the largest modules.
 */
export function QrCode({ text, label }: Props) {
  const { size, data } = encode(text, { ecc: 'L', border: BORDER });
  const dark = data.flatMap((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')),
  );
  return (
    <svg
      class="qr"
      data-testid="qr"
      role="img"
      aria-label={label}
      width={size * MODULE}
      height={size * MODULE}
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
    >
      <path class="qr-light" d={`M0 0h${size}v${size}h-${size}z`} />
      <path class="qr-dark" d={dark.join('')} />
    </svg>
  );
}
