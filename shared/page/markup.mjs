/**
 * An article's text, built element by element from the service's HTML.
 *
 * The service lets nothing through that could run. The page does not rest on it: of the parsed text
 * it copies only the elements and attributes named here, and no text is ever set as HTML in it.
 */

const TEXT = 3;
const ELEMENT = 1;
// Deeper than any article; what lies below is left out.
const DEPTH_MAX = 32;
const ELSEWHERE = { target: "_blank", rel: "noopener noreferrer" };

/** By element, what is kept of its attributes; null where the element cannot be kept without them. */
const ELEMENTS = {
  ...plain("p", "h2", "h3", "h4", "h5", "h6", "ul", "li", "blockquote", "hr", "br"),
  ...plain("em", "strong", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"),
  a: (read) => linkTo(read("href") ?? ""),
  img: pictureOf,
  ol: (read) => only("start", /^\d{1,4}$/u, read),
  sup: (read) => only("data-source", /^[1-9]\d?$/u, read),
};

function plain(...names) {
  return Object.fromEntries(names.map((name) => [name, () => ({})]));
}

function only(name, pattern, read) {
  const value = read(name) ?? "";
  return pattern.test(value) ? { [name]: value } : {};
}

/** A picture that the service itself holds; its place counts from the page's address on. */
function pictureOf(read) {
  const src = read("src") ?? "";
  if (!/^\/v1\/assets\/[a-z0-9-]{1,60}\.[0-9a-f]{32}\.[a-z]{3,4}$/u.test(src)) {
    return null;
  }
  const size = { ...only("width", /^\d{1,4}$/u, read), ...only("height", /^\d{1,4}$/u, read) };
  return { src: src.slice(1), alt: read("alt") ?? "", loading: "lazy", ...size };
}

function linkTo(address) {
  if (/^#\/contents\/[a-z0-9-]{1,60}$/u.test(address)) {
    return { href: address };
  }
  // The scheme and two slashes: with fewer, a browser might read on to something else.
  return /^https:\/\/[a-z0-9]/iu.test(address)
    ? { href: address, ...ELSEWHERE }
    : {};
}

/**
 * What may be shown of a parsed node's children: texts, and elements as plain values. Any other
 * element is left out with all that it holds.
 * @param {Node} node
 * @returns {(string | {name: string, attributes: Record<string, string>, children: any[]})[]}
 */
export function keptIn(node, depth = 0) {
  return [...node.childNodes].flatMap((each) => {
    if (each.nodeType === TEXT) {
      return each.data;
    }
    const isKnown = each.nodeType === ELEMENT && Object.hasOwn(ELEMENTS, each.localName);
    if (!isKnown || depth === DEPTH_MAX) {
      return [];
    }
    const attributes = ELEMENTS[each.localName]((name) => each.getAttribute(name));
    if (attributes === null) {
      return [];
    }
    return { name: each.localName, attributes, children: keptIn(each, depth + 1) };
  });
}

/**
 * The article's text as an element of the page.
 * @param {string} text the service's HTML
 * @param {object} marks
 * @param {(number: number) => Node | null} marks.citation what stands for the nth source; null for none
 * @param {string} marks.table what to call a table that is wider than the page
 */
export function articleBody(text, { citation, table }) {
  const draw = (kept, parent) => {
    if (typeof kept === "string") {
      return kept;
    }
    const { name, attributes, children } = kept;
    const mark = name === "sup" ? citation(Number(attributes["data-source"] ?? 0)) : null;
    const inside = mark === null ? children.map((each) => draw(each, name)) : [mark];
    const drawn = element(name, attributes, inside);
    if (name === "table") {
      return scrolling(drawn, table);
    }
    return name === "img" && parent !== "a" ? opening(drawn, attributes.src) : drawn;
  };
  // A parsed document is not shown: nothing in it runs, and nothing is loaded.
  const { body } = new DOMParser().parseFromString(text, "text/html");
  return element("div", { class: "article" }, keptIn(body).map((each) => draw(each, "")));
}

/** On a phone, a picture's words are small: it opens by itself, where it can be made larger. */
function opening(picture, place) {
  return element("a", { href: place, ...ELSEWHERE, class: "picture" }, [picture]);
}

function scrolling(table, name) {
  return element("div", { class: "wide", role: "region", tabindex: "0", "aria-label": name }, [table]);
}

function element(name, attributes, children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}
