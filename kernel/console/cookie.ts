/** __Host- binds the cookie to this host, HTTPS and Path=/ (RFC 6265bis section 4.1.3.2); plain HTTP may not use it. */
const nameOf = (secure: boolean): string => (secure ? '__Host-lancell_session' : 'lancell_session');

/** The session id that a browser sent, if any. HTTP and HTTPS have cookies of their own: one cannot plant the other's. */
export function sessionIdIn(header: string | undefined, secure: boolean): string | undefined {
  const wanted = nameOf(secure);
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === wanted) {
      const id = pair.slice(at + 1).trim();
      return /^[\w-]{43}$/.test(id) ? id : undefined;
    }
  }
  return undefined;
}

/** The header that sets the cookie. No Max-Age: it ends with the browser, and the router decides when it is too old. */
export const sessionCookie = (id: string, secure: boolean): string => `${nameOf(secure)}=${id}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;

export const noSessionCookie = (secure: boolean): string => `${nameOf(secure)}=; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}; Max-Age=0`;
