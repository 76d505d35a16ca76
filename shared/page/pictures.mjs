/** A picture of rectangles, lines and texts: in the page, and as a file. */

import { html, svg } from "./lit-html.js";

const SVG = "image/svg+xml";
const FONTS = 'system-ui, "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
const CLASS = "picture";
/** Pixels of a file for each unit of the picture. */
const SCALE = 2;
const LINE_WIDTH = 2;

/** The picture in the page. */
export function shownPicture({ width, height, title, shapes }) {
  return html`
    <svg class=${CLASS} role="img" aria-label=${title} viewBox="0 0 ${width} ${height}" width=${width} height=${height} font-family=${FONTS}>
      ${shapes.map((each) => WRITTEN[each.shape](each))}
    </svg>
  `;
}

const WRITTEN = {
  rect: ({ x, y, width, height, fill }) =>
    svg`<rect x=${x} y=${y} width=${width} height=${height} fill=${fill}></rect>`,
  line: ({ x1, x2, y1, y2, stroke }) =>
    svg`<line x1=${x1} x2=${x2} y1=${y1} y2=${y2} stroke=${stroke} stroke-width=${LINE_WIDTH}></line>`,
  text: ({ x, y, size, weight, fill, anchor, text }) =>
    svg`<text x=${x} y=${y} font-size=${size} font-weight=${weight} fill=${fill} text-anchor=${anchor}>${text}</text>`,
};

/** Saves the picture that the page shows, as it stands there. */
export function saveAsSvg(name) {
  const copy = document.querySelector(`svg.${CLASS}`).cloneNode(true);
  const marks = document.createTreeWalker(copy, NodeFilter.SHOW_COMMENT);
  const found = [];
  while (marks.nextNode()) {
    found.push(marks.currentNode);
  }
  found.forEach((each) => each.remove());
  save(new Blob([new XMLSerializer().serializeToString(copy)], { type: SVG }), `${name}.svg`);
}

/** Draws the same shapes on a canvas: the page's policy lets no picture in from elsewhere. */
export async function saveAsPng({ width, height, shapes }, name) {
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  shapes.forEach((each) => DRAWN[each.shape](context, each));
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  if (blob === null) {
    throw new Error("The picture is too large for this device.");
  }
  save(blob, `${name}.png`);
}

const DRAWN = {
  rect(context, { x, y, width, height, fill }) {
    context.fillStyle = fill;
    context.fillRect(x, y, width, height);
  },
  line(context, { x1, x2, y1, y2, stroke }) {
    context.strokeStyle = stroke;
    context.lineWidth = LINE_WIDTH;
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  },
  text(context, { x, y, size, weight, fill, anchor, text }) {
    context.font = `${weight} ${size}px ${FONTS}`;
    context.fillStyle = fill;
    context.textAlign = anchor;
    context.fillText(text, x, y);
  },
};

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
