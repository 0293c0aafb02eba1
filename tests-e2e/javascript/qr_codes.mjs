/** What the console draws as a QR code is read by somebody else's decoder, at every size. */
import assert from "node:assert/strict";
import jsQR from "jsqr";

const { modules } = await import(process.env.QR_MODULE);
const MARGIN = 4;
const SCALE = 4;

/** The symbol as pixels. */
function picture(rows) {
  const side = (rows.length + 2 * MARGIN) * SCALE;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const dark = rows[Math.floor(y / SCALE) - MARGIN]?.[Math.floor(x / SCALE) - MARGIN];
      if (dark) pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return [pixels, side, side];
}

const read = (text) => (jsQR.default ?? jsQR)(...picture(modules(text)));
const versions = new Set();
for (let length = 1; length <= 666; length += 11) {
  const text = Array.from({ length }, (_, i) => String.fromCharCode(33 + ((i * 7919 + length * 31) % 90))).join("");
  const found = read(text);
  assert.equal(found?.data, text, `${length} characters`);
  versions.add(found.version);
}
assert.deepEqual([...versions], Array.from({ length: 20 }, (_, i) => i + 1));
const name = "otpauth://totp/Strongroom:ümlaut%40example.com?secret=ABCDEFGH&issuer=Strongroom";
assert.equal(read(name).data, name);
assert.equal(modules("x".repeat(667)), null);
