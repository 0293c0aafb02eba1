/** Line icons, drawn here: 24 wide, in the colour of the text around them. */

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = {
  archive: "M4 8h16v12H4zM3 4h18v4H3zM10 12h4",
  back: "M15 5l-7 7 7 7",
  check: "M5 12.500l4.500 4.500L19 7.500",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.500 2",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  film: "M3 5h18v14H3zM10 9.500v5l4.500-2.500z",
  folder: "M3 6h6l2 2.500h10V19H3z",
  folderPlus: "M3 6h6l2 2.500h10V19H3zM12 11v5M9.500 13.500h5",
  grid: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  key: "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12l8.500-8.500M16 7l3 3",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1.500 1.500M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1.500-1.500",
  list: "M8 6h13M8 12h13M8 18h13M3.500 6h.01M3.500 12h.01M3.500 18h.01",
  lock: "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4",
  mail: "M3 5h18v14H3zM3 7l9 6 9-6",
  moon: "M20 14.500A8.500 8.500 0 1 1 9.500 4a7 7 0 0 0 10.500 10.500z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  move: "M3 6h6l2 2.500h10V19H3zM9 13.500h6M12.500 11l2.500 2.500-2.500 2.500",
  music: "M9 18V5l11-2v13M9 18a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0zM20 16a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0z",
  next: "M9 5l7 7-7 7",
  pause: "M8 5v14M16 5v14",
  pdf: "M6 3h8l5 5v13H6zM14 3v5h5M9 13h6M9 17h6",
  pencil: "M4 20l1-4L16.500 4.500l3 3L8 19z",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c.500-4.500 3.800-6.500 8-6.500s7.500 2 8 6.500",
  people: "M9 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM2.500 20c.400-4 3-5.500 6.500-5.500s6.100 1.500 6.500 5.500M16 5.300a3.500 3.500 0 0 1 0 6.400M18 14.800c2 .700 3.300 2.300 3.500 5.200",
  picture: "M3 5h18v14H3zM3 16l5-5 5 5 3-3 5 5M16 9.500h.01",
  play: "M7 4.500l12 7.500-12 7.500z",
  plus: "M12 5v14M5 12h14",
  restore: "M4 5v5h5M4.500 10A8.500 8.500 0 1 1 4 14",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5",
  share: "M12 15V4M8 7.500L12 3.500l4 4M5 12v8h14v-8",
  shield: "M12 3l8 3v6c0 4.500-3.200 7.700-8 9-4.800-1.300-8-4.500-8-9V6z",
  signOut: "M10 4H4v16h6M9 12h12M17 8l4 4-4 4",
  sort: "M12 19V5M7 10l5-5 5 5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.500M12 19.500V22M2 12h2.500M19.500 12H22M5 5l1.700 1.700M17.300 17.300L19 19M5 19l1.700-1.700M17.300 6.700L19 5",
  table: "M3 5h18v14H3zM3 10h18M3 14.500h18M9.500 10v9",
  tag: "M3 4h8l10 10-7 7L4 11zM7.500 8h.01",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14M10 11v6M14 11v6",
  upload: "M12 20V9M7 13l5-5 5 5M4 4h16",
  warning: "M12 4l9.500 16h-19zM12 10v4.500M12 17.500h.01",
};

/** Hidden from screen readers: what it stands beside, or its button's label, says the same. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", DRAWN[name] ?? DRAWN.file);
  svg.append(path);
  return svg;
}

/** The icon that stands for a content type. */
export function iconOf(type) {
  const [kind, rest = ""] = type.split("/");
  if (kind === "image") return "picture";
  if (kind === "audio") return "music";
  if (kind === "video") return "film";
  if (rest === "pdf") return "pdf";
  if (rest === "csv" || rest.includes("spreadsheet") || rest === "tab-separated-values") return "table";
  if (/zip|tar|compressed/.test(rest)) return "archive";
  return "file";
}
