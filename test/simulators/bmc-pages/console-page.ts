export interface ConsolePageOptions {
  /** Id of the canvas. */
  readonly canvas?: string;
  /** Path of the WebSocket, with its query. */
  readonly socket: string;
  /** Markup beside the canvas. */
  readonly around?: string;
  /** What a page wants besides: for those that misbehave. */
  readonly script?: string;
}

/** Asks before it is left, once somebody has clicked or typed, and asks something else at a `q`. */
export const CLINGING = `
  addEventListener('beforeunload', (event) => {
    event.preventDefault();
    event.returnValue = 'There is a session.';
  });
  addEventListener('keydown', ({ key }) => { if (key === 'q') confirm('Really?'); });`;

/**
 * A console as HTML5 interfaces have it: a canvas that is green once its WebSocket is open, and every
 * key and click on it sent there.
 */
export function consolePage({
  canvas = 'kvm',
  socket,
  around = '',
  script = '',
}: ConsolePageOptions) {
  return `<!DOCTYPE html><html><head><title>Remote console</title></head>
<body style="margin:0;background:#222;overflow:hidden">${around}
<canvas id="${canvas}" tabindex="0" width="800" height="500" style="display:none"></canvas>
<script>
  const canvas = document.getElementById(${JSON.stringify(canvas)});
  const context = canvas.getContext('2d');
  const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + ${JSON.stringify(socket)});
  let typed = '';
  const draw = () => {
    context.fillStyle = 'rgb(0, 128, 0)';
    context.fillRect(0, 0, 800, 500);
    context.fillStyle = '#fff';
    context.font = '24px monospace';
    context.fillText(typed, 20, 40);
  };
  socket.onopen = () => {
    canvas.style.display = 'block';
    canvas.focus();
    draw();
  };
  socket.onclose = () => { canvas.style.display = 'none'; };
  const send = (data) => socket.readyState === 1 && socket.send(JSON.stringify(data));
  const key = (event) => {
    const { type, key, ctrlKey, altKey, shiftKey } = event;
    send({ type, key, ctrlKey, altKey, shiftKey });
    if (type === 'keydown' && key.length === 1) { typed += key; draw(); }
  };
  addEventListener('keydown', key);
  addEventListener('keyup', key);
  canvas.addEventListener('mousedown', ({ type, offsetX: x, offsetY: y, button }) => send({ type, x, y, button }));
  ${script}
</script></body></html>`;
}
