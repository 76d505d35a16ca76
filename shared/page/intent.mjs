/** Something that the reader wants done once, however often it has to be asked for. */

export class Intent {
  #asked = null;
  #key = "";

  /** The Idempotency-Key for asking this: the same until something else is asked, or it is done. */
  keyFor(body) {
    const asked = JSON.stringify(body);
    if (asked !== this.#asked) {
      this.#asked = asked;
      this.#key = crypto.randomUUID();
    }
    return this.#key;
  }

  /** What is asked from now on, even the same, is wanted once more. */
  done() {
    this.#asked = null;
  }
}
