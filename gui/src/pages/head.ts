import { html, nothing, type TemplateResult } from 'lit';

interface Head {
  /** The section of the menu. */
  readonly crumb?: string | TemplateResult;
  readonly about?: string | TemplateResult;
  /** Buttons at the right. */
  readonly actions?: TemplateResult;
}

/** The head of every page. */
export const pageHead = (title: string, { crumb, about, actions }: Head): TemplateResult => html`<div class="page-head">
  <div class="titles">${crumb ? html`<span class="crumb">${crumb}</span>` : nothing}<h1>${title}</h1>${about ? html`<p>${about}</p>` : nothing}</div>
  ${actions ? html`<div class="row">${actions}</div>` : nothing}
</div>`;
