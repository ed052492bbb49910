/** An archive that is not taken, in a sentence; nothing of it was written. */
export class BadArchive extends Error {
  override name = 'BadArchive';
}

/** What an archive says it holds, as it says it; `data` undefined: a folder. */
export interface Entry { readonly path: string; readonly data: Uint8Array | undefined }
