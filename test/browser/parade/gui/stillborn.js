export default class Stillborn extends HTMLElement {
  constructor() {
    super();
    throw new Error('it cannot be made');
  }
}
