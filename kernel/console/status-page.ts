/** What a browser sees at `/` where the shell is not built: no scripts, no styles, nothing secret. */
export const statusPage = (version: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>lancell</title>
<h1>lancell ${version}</h1>
<p>This is the console of a running lancell router. It speaks a small JSON protocol over a WebSocket at <code>/ws</code>;
docs/console-protocol.md describes it.</p>
<p>To use it from a terminal: <code>lancell console</code> on the router itself, or
<code>lancell console ws://router:port/#token</code> from elsewhere. The router prints the address with its token when it starts.</p>
</html>
`;
