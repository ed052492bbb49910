import { z } from 'zod';
import { type Operation, operation } from './operation.ts';

const facts = z.object({ name: z.string().nullable(), role: z.enum(['admin', 'operator', 'viewer']).nullable(), expiresIn: z.number(), setupNeeded: z.boolean() });
const tag = 'log-in';
/** Served by what stands around this interface; here they are only described. */
const beside = { run: () => undefined };
const elsewhere = { ...beside, open: true as const };

/** The log-in. */
export const loginInDocument: readonly Operation[] = [
  operation({ ...elsewhere, id: 'session', method: 'get', at: '/session', tag, summary: 'Who is logged in', access: 'read', query: { active: { schema: z.enum(['0', '1']).optional(), help: '1: a person did something; the session lasts longer' } }, answer: facts }),
  operation({ ...elsewhere, id: 'login', method: 'post', at: '/login', tag, summary: 'Log in: sets the session cookie', access: 'write', body: z.object({ name: z.string(), password: z.string() }), answer: facts }),
  operation({ ...elsewhere, id: 'loginByToken', method: 'post', at: '/login/token', tag, summary: 'Exchange a token for a session cookie', access: 'write', body: z.object({ token: z.string() }), answer: facts }),
  operation({ ...elsewhere, id: 'logout', method: 'post', at: '/logout', tag, summary: 'End the session', access: 'write', answer: facts }),
  operation({ ...elsewhere, id: 'setup', method: 'post', at: '/setup', tag, summary: 'Make the first account, with the code that the router printed', access: 'write', body: z.object({ code: z.string(), name: z.string(), password: z.string() }), answer: facts }),
];

const pem = z.string().meta({ description: 'PEM' });
const https = 'https';
const view = { type: 'object' };

/** The certificate of HTTPS. */
export const certificatesInDocument: readonly Operation[] = [
  operation({ ...beside, id: 'certificate', method: 'get', at: '/certificate', tag: https, summary: 'The certificate of HTTPS', access: 'read', answer: view }),
  operation({ ...beside, id: 'certificate_import', method: 'put', at: '/certificate', tag: https, summary: 'Use this certificate', access: 'write', body: z.object({ certificate: pem, key: pem }), answer: view }),
  operation({ ...beside, id: 'certificate_drop', method: 'delete', at: '/certificate', tag: https, summary: 'Make a new self-signed one', access: 'write', answer: view }),
  operation({ ...beside, id: 'authorities_set', method: 'put', at: '/certificate/authorities', tag: https, summary: 'Whose client certificates are taken', access: 'write', body: z.object({ certificates: pem }) }),
  operation({ ...beside, id: 'authorities_drop', method: 'delete', at: '/certificate/authorities', tag: https, summary: 'Take no client certificates', access: 'write' }),
];
