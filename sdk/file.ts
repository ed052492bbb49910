/**
 * A text file in the plugin's own folder (`ctx.folder`), replaced as a whole: whenever the power goes, its name holds the old text or the new, never
 * a part of one. Only the owner may read it. Without a state directory nothing is kept, and nothing fails.
 */
export interface StateFile {
  /** Undefined: there is none, or it cannot be read. What it holds may be anything: it is to be parsed like a stranger's. */
  read(): string | undefined;
  /** On the disk when it returns, for what is rare and must not get lost: no packet moves meanwhile, which may be tens of milliseconds. Throws with the reason. */
  write(text: string): void;
  /**
   * Within a second or so, beside everything else; asked again in the meantime, once. `text` is called when it is written. What waits when the plugin
   * is unloaded is written then. A failure is logged.
   */
  soon(text: () => string): void;
}

/** Names of such files: letters, digits, '.', '_' and '-', not with a point in front. */
export const stateFileName = /^[A-Za-z0-9_-][\w.-]{0,63}$/;
