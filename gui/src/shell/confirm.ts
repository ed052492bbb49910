import { html, render, type TemplateResult } from 'lit';

interface Question {
  readonly title: string;
  readonly body: TemplateResult;
  /** What the button says. */
  readonly yes: string;
  readonly danger?: boolean;
}

let count = 0;

/** Asks before something that is hard to undo. Resolves with true when the person agrees; Escape means no. */
export function confirm({ title, body, yes, danger = false }: Question): Promise<boolean> {
  const dialog = document.createElement('dialog');
  const id = `dialog-${++count}`;
  dialog.setAttribute('aria-labelledby', id);
  render(html`<form method="dialog">
    <div class="dialog-body"><h2 id=${id}>${title}</h2>${body}</div>
    <div class="dialog-foot"><button class="button" value="no" autofocus>Cancel</button><button class="button ${danger ? 'danger' : 'primary'}" value="yes">${yes}</button></div>
  </form>`, dialog);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    }, { once: true });
  });
}
