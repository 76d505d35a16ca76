/**
 * What the browser keeps for the page, by name. Where it keeps nothing, as with cookies switched off
 * or in an app without storage, the page itself remembers until it is left.
 */

export class Store {
  #storage;
  #own = new Map();

  /** @param {() => Storage} storage returns the browser's; it may throw, or return null */
  constructor(storage) {
    this.#storage = storage;
  }

  /** @returns {string | null} */
  get(name) {
    if (this.#own.has(name)) {
      return this.#own.get(name);
    }
    try {
      return this.#storage().getItem(name);
    } catch {
      return null;
    }
  }

  set(name, value) {
    this.#own.delete(name);
    try {
      this.#storage().setItem(name, value);
    } catch {
      this.#own.set(name, value);
    }
  }

  remove(name) {
    this.#own.delete(name);
    try {
      this.#storage().removeItem(name);
    } catch {
      // Then nothing was kept there.
    }
  }
}
