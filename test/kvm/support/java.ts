import type { KvmJava } from '../../../server/providers/provider-context.ts';
import type { BoardStyle } from '../../simulators/java-board/java-board.ts';

const ATEN: KvmJava = {
  ...{ signIn: true, loginPath: '/cgi/login.cgi', usernameField: 'name', passwordField: 'pwd' },
  ...{ fields: {}, json: false, fillJnlp: false, ports: [] },
  jnlpPath: '/cgi/url_redirect.cgi?url_name=ikvm&url_type=jwsk',
};

/** What a gateway is told of a simulated board. */
export function javaOf(style: BoardStyle = 'aten', more: Partial<KvmJava> = {}): KvmJava {
  if (style === 'aten') return { ...ATEN, ...more };
  return {
    ...ATEN,
    ...{ loginPath: '/rpc/WEBSES/create.asp', jnlpPath: '/Java/jviewer.jnlp', fillJnlp: true },
    ...{ usernameField: 'WEBVAR_USERNAME', passwordField: 'WEBVAR_PASSWORD' },
    ...{ sessionCookie: 'SessionCookie', ...more },
  };
}
