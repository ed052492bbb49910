import { Hono } from 'hono';
import { z } from 'zod';
import { bodyOf, HttpProblem } from './problem.ts';
import { permits, refusal } from './roles.ts';
import type { Certificates } from './tls.ts';
import type { WebEnv } from './web.ts';

const pem = z.string().max(128 * 1024);
const Pair = z.object({ certificate: pem, key: pem });
const Authorities = z.object({ certificates: pem });

/** The certificate of HTTPS over REST: GET, PUT (an upload) and DELETE certificate; PUT and DELETE certificate/authorities. */
export function certificateApp(certificates: Certificates): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.use('/certificate/*', async (c, next) => {
    const write = c.req.method !== 'GET' && c.req.method !== 'HEAD';
    const act = { access: write ? 'write' : 'read', area: 'certificates', path: write ? 'certificates my_cert import' : 'certificates my_cert view' } as const;
    if (!permits(c.get('identity'), act)) throw new HttpProblem(403, refusal(c.get('identity'), act));
    await next();
  });
  app.get('/certificate', (c) => c.json(certificates.view()));
  app.put('/certificate', async (c) => {
    const { certificate, key } = await bodyOf(c, Pair);
    return c.json(await certificates.import({ cert: certificate, key }));
  });
  app.delete('/certificate', async (c) => c.json(await certificates.drop()));
  app.put('/certificate/authorities', async (c) => {
    await certificates.trust((await bodyOf(c, Authorities)).certificates);
    return c.body(null, 204);
  });
  app.delete('/certificate/authorities', async (c) => {
    await certificates.trust(undefined);
    return c.body(null, 204);
  });
  return app;
}
