/** Takes its first data, and throws at the next. */
export default class Fickle extends HTMLElement {
  set data(_data) {
    if (this.textContent === 'so far, so good') throw new Error('it has had enough');
    this.textContent = 'so far, so good';
  }
}
