import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { reasonOf } from './faults.ts';

/** Turns the text of a source file into what this runtime can import, and gives it its name. */
export type Translator = (text: string, name: string, path: string) => Promise<{ readonly text: string; readonly name: string }>;

/** The router's own code: folder with `sdk/`, and how its files end. */
export interface OwnCode { readonly root: URL; readonly extension: '.ts' | '.js' }

export const ownCode: OwnCode = {
  root: new URL('../../', import.meta.url),
  extension: new URL(import.meta.url).pathname.endsWith('.ts') ? '.ts' : '.js',
};

/** What a plugin may import by name besides node: modules. */
export const offered = ['lancell/sdk', 'lancell/sdk/wire/<protocol>', 'lancell/sdk/crypto/<name>', 'lancell/sdk/testing', 'zod', 'rxjs'] as const;

/**
 * For plugins from anywhere on disk: the names the router offers become addresses of its own files, so that there is one
 * SDK and one zod; and types are taken out where the runtime cannot do that itself.
 */
export function translator(own: OwnCode = ownCode): Translator {
  const bare = new Map<string, string | undefined>();
  const addressOf = (specifier: string): string | undefined => {
    if (!bare.has(specifier)) bare.set(specifier, addressIn(own, specifier));
    return bare.get(specifier);
  };
  return async (text, name, path) => {
    const typed = /\.m?ts$/.test(name);
    if (!typed || runtimeStripsTypes()) return { text: rewrite(text, addressOf, false), name };
    return { text: rewrite(await strip(text, path), addressOf, true), name: asJs(name) };
  };
}

export const runtimeStripsTypes = (): boolean =>
  'Deno' in globalThis || Boolean((process.features as { typescript?: unknown }).typescript);

const asJs = (name: string): string => name.replace(/\.(m?)ts$/, '.$1js');

function addressIn(own: OwnCode, specifier: string): string | undefined {
  const [, area, file] = /^lancell\/sdk(?:\/(wire|crypto)\/([\w-]+)(?:\.[jt]s)?)?$/.exec(specifier) ?? [undefined, undefined, undefined];
  if (area !== undefined) return new URL(`sdk/${area}/${file}${own.extension}`, own.root).href;
  if (specifier === 'lancell/sdk') return new URL(`sdk/index${own.extension}`, own.root).href;
  if (specifier === 'lancell/sdk/testing') return new URL(`sdk/testing/index${own.extension}`, own.root).href;
  if (/^(zod|rxjs)(\/[\w/-]+)?$/.test(specifier)) return resolved(specifier);
  return undefined;
}

/** Where the router's own copy of a package is. */
function resolved(specifier: string): string {
  try {
    return import.meta.resolve(specifier);
  } catch {
    // Not every loader has import.meta.resolve (vitest on Deno). A package that has both puts its ES module beside the other.
    const required = createRequire(import.meta.url).resolve(specifier);
    const module = required.replace(/\.cjs$/, '.js');
    return pathToFileURL(existsSync(module) ? module : required).href;
  }
}

// import … from 'x', export … from 'x', import 'x', import('x'); `type` in front means that nothing is imported at run time.
const imports = /\b(?:import|export)\b(\s+type\b(?!\s*(?:,|from\b)))?(?:[^'"`;()=]*?\bfrom\s*|\s*\(?\s*)(['"])([^'"\n]+)\2/g;

function rewrite(text: string, addressOf: (specifier: string) => string | undefined, renamed: boolean): string {
  return text.replace(imports, (statement: string, type: string | undefined, quote: string, specifier: string) => {
    if (type !== undefined) return statement;
    const address = specifier.startsWith('.') ? (renamed ? asJs(specifier) : specifier) : addressOf(specifier);
    return address === undefined ? statement : `${statement.slice(0, -specifier.length - 2)}${quote}${address}${quote}`;
  });
}

interface Amaro { transformSync(text: string, options: { mode: 'strip-only' }): { readonly code: string } }

async function strip(text: string, path: string): Promise<string> {
  const amaro = await loadAmaro(path);
  try {
    return amaro.transformSync(text, { mode: 'strip-only' }).code;
  } catch (error) {
    throw new Error(`${path}: ${reasonOf(error).trim().replace(/\n+Caused by:[\s\S]*$/, '')}`, { cause: error });
  }
}

async function loadAmaro(path: string): Promise<Amaro> {
  const stripper = 'amaro';
  try {
    return (await import(/* @vite-ignore */ stripper)) as Amaro;
  } catch (cause) {
    throw new Error(`${path} is TypeScript, which Node ${process.versions.node} cannot read without the package amaro; install it, use Node 22.18 or newer, or load the plugin as JavaScript`, { cause });
  }
}
