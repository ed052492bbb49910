/** Longer than any file system of a card writes them. */
const MOST = 255;

/**
 * A name off a disc is a stranger's. It is shown, it stands in paths, and it becomes the name of a file: no control characters, no
 * slashes, nothing that turns the direction of writing, no half characters; and it is never empty, nor a way up.
 */
export function safeName(text: string): string {
  const name = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f/\\\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '_')
    .trim().slice(0, MOST).trimEnd()
    // Last: the cut may go through one.
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return name === '' || name === '.' || name === '..' ? '_' : name;
}

/** The same for the label of a disc, which may be empty. */
export const safeLabel = (text: string): string => (text.trim() === '' ? '' : safeName(text));
