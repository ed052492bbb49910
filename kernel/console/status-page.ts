/** What a browser sees at `/`: no scripts, nothing secret. */
export const statusPage = (version: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>lancell</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em } code { background: #8882; padding: 0 .3em }</style>
<h1>lancell ${version}</h1>
<p>This is the console of a running lancell router. It speaks a small JSON protocol over a WebSocket at <code>/ws</code>;
docs/console-protocol.md describes it.</p>
<p>To use it from a terminal: <code>lancell console</code> on the router itself, or
<code>lancell console ws://router:port/#token</code> from elsewhere. The router prints the address with its token when it starts.</p>
</html>
`;
