/** A QR code as a picture. */
import { h } from "../dom.js";
import { modules } from "./qr.js";

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4; // modules of margin, ISO/IEC 18004 §5.3.8

/** Nothing, where the text is too long for one that can be scanned off a screen. */
export function qrCode(text, label) {
  const rows = modules(text);
  if (!rows) return h("span", {});
  const side = rows.length + 2 * QUIET;
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: `0 0 ${side} ${side}`, class: "qr", role: "img", "aria-label": label, "shape-rendering": "crispEdges" };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : ""))).join(""));
  svg.append(path);
  return svg;
}
