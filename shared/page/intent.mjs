/** Something that the reader wants done once, however often it has to be asked for. */

export class Intent {
  #keys = new Map();
  #asked = "";

  /**
   * The Idempotency-Key for asking this: the same until it is done, also where something else was
   * asked in between, since a lost answer may have been a yes.
   */
  keyFor(body) {
    this.#asked = JSON.stringify(body);
    if (!this.#keys.has(this.#asked)) {
      this.#keys.set(this.#asked, crypto.randomUUID());
    }
    return this.#keys.get(this.#asked);
  }

  /** What was asked last is done: asked again, it is wanted once more. */
  done() {
    this.#keys.delete(this.#asked);
  }
}
