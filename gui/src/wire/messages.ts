/** What travels over /ws, as docs/console-protocol.md has it; only what the shell reads. */

export type Value = string | number | null;
export interface TablePart { readonly title?: string; readonly columns: readonly string[]; readonly rows: readonly (readonly Value[])[] }
export interface FactsPart { readonly title?: string; readonly facts: Readonly<Record<string, Value>> }
export interface TextPart { readonly text: string }
export type Part = string | TablePart | FactsPart | TextPart;

export interface Welcome {
  readonly version: string;
  readonly author: string;
  readonly access: 'read' | 'write';
  readonly prompt: string;
  readonly streams: readonly string[];
}

export interface PanelInfo { readonly path: string; readonly title: string; readonly owner: string; readonly actions: readonly string[] }

/** Any answer; the fields depend on `type`. */
export interface Answer { readonly type: string; readonly id?: number; readonly [field: string]: unknown }

/** The router refused, or the connection went away. */
export class WireError extends Error {
  override name = 'WireError';
  /** As an exit code: 1 refused, 2 the request is wrong, 130 cancelled; 0 when the connection was lost. */
  readonly code: number;
  readonly answer: Answer | undefined;

  constructor(text: string, code: number, answer?: Answer) {
    super(text);
    this.code = code;
    this.answer = answer;
  }
}
