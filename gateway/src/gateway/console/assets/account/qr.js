/** QR codes (ISO/IEC 18004): bytes, error correction level M, versions 1 to 20, which hold up to 666 bytes. */

const LEVEL_M = 0b00;
const CHECKS = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26]; // codewords a block, by version
const BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

/** Rows of booleans, true for dark, without the margin; null where the text is too long. */
export function modules(text) {
  const data = new TextEncoder().encode(text);
  const version = CHECKS.findIndex((_, v) => v > 0 && data.length <= room(v));
  if (version < 0) return null;
  const symbol = blank(version);
  place(symbol, interleaved(codewords(data, version), version));
  const masked = MASKS.map((mask, number) => withMask(symbol, mask, number));
  return masked.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

const dataWords = (version) => Math.floor(rawBits(version) / 8) - CHECKS[version] * BLOCKS[version];
const lengthBits = (version) => (version < 10 ? 8 : 16);
const room = (version) => dataWords(version) - Math.ceil((4 + lengthBits(version)) / 8);

/** Modules that are free for data and checks. */
function rawBits(version) {
  const aligned = version < 2 ? 0 : Math.floor(version / 7) + 2;
  const all = (16 * version + 128) * version + 64;
  return all - (aligned ? (25 * aligned - 10) * aligned - 55 : 0) - (version < 7 ? 0 : 36);
}

function codewords(data, version) {
  const bits = [];
  const put = (value, count) => { for (let i = count - 1; i >= 0; i -= 1) bits.push((value >>> i) & 1); };
  put(0b0100, 4);
  put(data.length, lengthBits(version));
  data.forEach((byte) => put(byte, 8));
  const capacity = dataWords(version) * 8;
  put(0, Math.min(4, capacity - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < capacity; pad ^= 0xec ^ 0x11) put(pad, 8);
  return Array.from({ length: bits.length / 8 }, (_, i) => parseInt(bits.slice(i * 8, i * 8 + 8).join(""), 2));
}

/** Blocks with their checks, woven: the shorter blocks come first. */
function interleaved(words, version) {
  const count = BLOCKS[version];
  const short = Math.floor(words.length / count);
  const shorts = count - (words.length % count);
  const blocks = Array.from({ length: count }, (_, i) => {
    const begin = i * short + Math.max(0, i - shorts);
    return words.slice(begin, begin + short + (i < shorts ? 0 : 1));
  });
  const checks = blocks.map((block) => remainder(block, CHECKS[version]));
  const woven = (rows) => Array.from({ length: Math.max(...rows.map((row) => row.length)) }, (_, i) => rows.map((row) => row[i])).flat();
  return [...woven(blocks), ...woven(checks)].filter((word) => word !== undefined);
}

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(a, b) {
  let product = 0;
  for (let i = 7; i >= 0; i -= 1) product = (product << 1) ^ ((product >>> 7) * 0x11d) ^ (((b >>> i) & 1) * a);
  return product;
}

/** Reed-Solomon checks of a block. */
function remainder(block, degree) {
  let divisor = [1];
  for (let i = 0, root = 1; i < degree; i += 1, root = times(root, 2)) {
    const next = [...divisor, 0];
    divisor.forEach((factor, j) => { next[j + 1] ^= times(factor, root); });
    divisor = next;
  }
  const rest = new Array(degree).fill(0);
  for (const word of block) {
    const factor = word ^ rest.shift();
    rest.push(0);
    rest.forEach((_, i) => { rest[i] ^= times(divisor[i + 1], factor); });
  }
  return rest;
}

/** A symbol with its patterns and no data: `fixed` are the modules that no mask changes. */
function blank(version) {
  const side = version * 4 + 17;
  const grid = () => Array.from({ length: side }, () => new Array(side).fill(false));
  const symbol = { version, side, dark: grid(), fixed: grid() };
  for (let i = 0; i < side; i += 1) {
    set(symbol, 6, i, i % 2 === 0);
    set(symbol, i, 6, i % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [side - 4, 3], [3, side - 4]]) pattern(symbol, x, y, 4, (d) => d !== 2 && d !== 4);
  const places = alignments(version, side);
  const last = places.length - 1;
  places.forEach((y, i) => places.forEach((x, j) => {
    const isCorner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
    if (!isCorner) pattern(symbol, x, y, 2, (d) => d !== 1);
  }));
  writeFormat(symbol, 0);
  writeVersion(symbol);
  return symbol;
}

function set({ side, dark, fixed }, x, y, value) {
  if (x < 0 || y < 0 || x >= side || y >= side) return;
  dark[y][x] = value;
  fixed[y][x] = true;
}

function pattern(symbol, x, y, reach, isDark) {
  for (let dy = -reach; dy <= reach; dy += 1) {
    for (let dx = -reach; dx <= reach; dx += 1) set(symbol, x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
  }
}

function alignments(version, side) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, i) => side - 7 - step * (count - 2 - i))];
}

function withChecks(value, polynomial, degree) {
  let rest = value;
  for (let i = 0; i < degree; i += 1) rest = (rest << 1) ^ ((rest >>> (degree - 1)) * polynomial);
  return (value << degree) | rest;
}

function writeFormat(symbol, mask) {
  const { side } = symbol;
  const bits = withChecks((LEVEL_M << 3) | mask, 0x537, 10) ^ 0x5412;
  const bit = (i) => ((bits >>> i) & 1) === 1;
  for (let i = 0; i < 15; i += 1) {
    if (i < 8) set(symbol, 8, i < 6 ? i : i + 1, bit(i));
    else set(symbol, i === 8 ? 7 : 14 - i, 8, bit(i));
    if (i < 8) set(symbol, side - 1 - i, 8, bit(i));
    else set(symbol, 8, side - 15 + i, bit(i));
  }
  set(symbol, 8, side - 8, true);
}

function writeVersion(symbol) {
  if (symbol.version < 7) return;
  const bits = withChecks(symbol.version, 0x1f25, 12);
  for (let i = 0; i < 18; i += 1) {
    const along = symbol.side - 11 + (i % 3);
    const across = Math.floor(i / 3);
    set(symbol, along, across, ((bits >>> i) & 1) === 1);
    set(symbol, across, along, ((bits >>> i) & 1) === 1);
  }
}

/** Two modules wide, upwards and downwards, from the right; column 6 is the timing pattern. */
function place({ side, dark, fixed }, words) {
  let at = 0;
  for (let right = side - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < side; step += 1) {
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? side - 1 - step : step;
        if (fixed[y][x] || at >= words.length * 8) continue;
        dark[y][x] = ((words[at >>> 3] >>> (7 - (at & 7))) & 1) === 1;
        at += 1;
      }
    }
  }
}

function withMask(symbol, mask, number) {
  const dark = symbol.dark.map((row, y) => row.map((value, x) => (symbol.fixed[y][x] ? value : value !== (mask(x, y) === 0))));
  writeFormat({ ...symbol, dark, fixed: symbol.fixed.map((row) => [...row]) }, number);
  return dark;
}

/** How hard it is to read: runs, blocks, patterns like the corners', and more of one colour. */
function penalty(dark) {
  const side = dark.length;
  const lines = [...dark, ...dark.map((_, x) => dark.map((row) => row[x]))].map((line) => line.map(Number).join(""));
  let points = 0;
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) points += run.length - 2;
    points += 40 * [...line.matchAll(/(?=00001011101|10111010000)/g)].length;
  }
  for (let y = 1; y < side; y += 1) {
    for (let x = 1; x < side; x += 1) {
      if (dark[y][x] === dark[y - 1][x] && dark[y][x] === dark[y][x - 1] && dark[y][x] === dark[y - 1][x - 1]) points += 3;
    }
  }
  const share = dark.flat().filter(Boolean).length / (side * side);
  return points + 10 * Math.floor(Math.abs(share * 20 - 10));
}
