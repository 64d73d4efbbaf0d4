/** The wordmark's sign: three rack units, one of them lit and taking input. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect x="3" y="4" width="26" height="6" rx="2" class="logo-unit" />
      <rect x="3" y="13" width="26" height="6" rx="2" class="logo-lit" />
      <rect x="3" y="22" width="26" height="6" rx="2" class="logo-unit" />
      <path d="M8 14.6 10 16l-2 1.4M12 17.4h4" class="logo-prompt" />
    </svg>
  );
}
