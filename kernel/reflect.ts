/**
 * tsyringe refuses to load unless Reflect.getMetadata exists, though without decorators it never asks it for anything.
 * Import this before tsyringe.
 */
const reflect = Reflect as typeof Reflect & { getMetadata?: () => undefined };
reflect.getMetadata ??= () => undefined;
