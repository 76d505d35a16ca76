/** One opening of a view: what it may read and say, and where it draws. */

import { textOf } from "./texts.mjs";

const UNAUTHORIZED = 401;

export class Visit {
  /** What went wrong with the reader's last attempt, if it did. */
  problem = null;
  isBusy = false;
  #isCurrent;
  #draw;
  #failed;

  /**
   * @param {object} given
   * @param {string} given.language
   * @param {{notices: object[], jwks: object, released: Record<string, string>}} given.catalogue
   * @param {() => boolean} given.isCurrent whether the reader is still here
   * @param {(content: unknown) => void} given.draw
   * @param {(error: Error) => void} given.failed draws a failure in the view's place
   */
  constructor({ language, catalogue, isCurrent, draw, failed }) {
    this.language = language;
    this.catalogue = catalogue;
    this.#isCurrent = isCurrent;
    this.#draw = draw;
    this.#failed = failed;
  }

  /** Draws, unless the reader has gone on: a late answer of an earlier view is dropped. */
  show(content) {
    if (this.#isCurrent()) {
      this.#draw(content);
    }
  }

  /** Leads on to another view, unless the reader has gone on by then. */
  go(address) {
    if (this.#isCurrent()) {
      location.hash = address;
    }
  }

  /**
   * Draws a failure in the view's place, unless the reader has gone on: a late refusal of an earlier
   * token, say, is none of the present one.
   */
  fail(error) {
    if (this.#isCurrent()) {
      this.#failed(error);
    }
  }

  /** Does one thing at a time and draws what came of it; `redraw` finds a failure in `problem`. */
  async attempt(step, redraw) {
    if (this.isBusy) {
      return;
    }
    this.isBusy = true;
    redraw();
    try {
      await step();
      this.problem = null;
    } catch (error) {
      this.problem = error;
    }
    this.isBusy = false;
    if (this.problem?.status === UNAUTHORIZED) {
      this.fail(this.problem);
    } else {
      redraw();
    }
  }

  /** The text of a key in the reader's language; undefined for no key. */
  t(key) {
    return textOf(this.language, key);
  }

  /** What to call a scenario: its notice's title, or its name where there is no notice. */
  scenario(name) {
    const notice = this.catalogue.notices.find(({ scenario }) => scenario === name);
    return notice?.texts[this.language]?.title ?? name;
  }

  /** What to call a partner. */
  partner(name) {
    const known = this.catalogue.notices.flatMap(({ partners }) => partners);
    return known.find(({ partner }) => partner === name)?.title[this.language] ?? name;
  }
}
