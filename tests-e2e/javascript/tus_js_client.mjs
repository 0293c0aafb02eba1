// What `tus-js-client` makes of Strongroom, on a connection that is cut again and again, with services that are killed.

import assert from "node:assert/strict";
import { createReadStream, openAsBlob, statSync } from "node:fs";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import * as tus from "tus-js-client";

const { ENDPOINT, TOKEN, SOURCE } = process.env;
const size = statSync(SOURCE).size;

/** Resolves when it is done; answers how often it went on after a failure. */
function uploaded(options) {
  return new Promise((resolve, reject) => {
    let retries = 0;
    const upload = new tus.Upload(options.source ?? createReadStream(SOURCE), {
      endpoint: ENDPOINT,
      headers: { Authorization: `Bearer ${TOKEN}` },
      retryDelays: Array(100).fill(400), // a killed service's uploads are locked for up to ten seconds
      storeFingerprintForResuming: false,
      onShouldRetry: () => ((retries += 1), true),
      onError: reject,
      onSuccess: () => resolve(retries),
      ...options,
    });
    upload.start();
  });
}

const chunked = { chunkSize: 48 * 1024 * 1024 };

test("a large file arrives over a connection that is cut", async () => {
  const retries = await uploaded({ ...chunked, uploadSize: size, metadata: { filename: "cut", filetype: "video/x-own" } });
  assert.ok(retries > 0, "the connection was never cut");
});

test("a stream of unknown length arrives, its first bytes with the creation", async () => {
  // Through a stream that is no file: of a file the client knows the length all the same.
  const few = createReadStream(SOURCE, { end: 20_000_000 - 1 }).pipe(new PassThrough());
  const options = { source: few, uploadLengthDeferred: true, uploadDataDuringCreation: true, chunkSize: 6_000_000 };
  await uploaded({ ...options, metadata: { filename: "deferred" } });
});

test("parts that are sent at the same time are one file", async () => {
  const content = Buffer.from(await (await openAsBlob(SOURCE)).slice(0, 60_000_000).arrayBuffer());
  await uploaded({ source: content, parallelUploads: 8, metadata: { filename: "parallel" } });
});

test("an upload can be ended for good", async () => {
  let upload;
  await new Promise((resolve, reject) => {
    upload = new tus.Upload(createReadStream(SOURCE), {
      ...chunked,
      endpoint: ENDPOINT,
      headers: { Authorization: `Bearer ${TOKEN}` },
      uploadSize: size,
      metadata: { filename: "ended" },
      storeFingerprintForResuming: false,
      onUploadUrlAvailable: resolve,
      onError: reject,
    });
    upload.start();
  });
  await upload.abort(true);
  const headers = { Authorization: `Bearer ${TOKEN}`, "Tus-Resumable": "1.0.0" };
  assert.equal((await fetch(upload.url, { method: "HEAD", headers })).status, 404);
});
