// What `openid-client` makes of Strongroom. It authenticates in the body, as it does by default.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as client from "openid-client";
import { Person, altered } from "./person.mjs";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, PERSON_EMAIL, PERSON_PASSWORD } = process.env;
const SCOPE = "openid profile email files:read";

const person = new Person(PERSON_EMAIL, PERSON_PASSWORD);
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
});

/** Sends the person off; answers where they come back to, and what the app must hold that against. */
async function asked(more = {}, step = "allow") {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  };
  const link = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: "S256",
    ...more,
  });
  return { back: await person.follow(link, step), checks };
}

async function signedIn() {
  const { back, checks } = await asked();
  return client.authorizationCodeGrant(config, back, checks);
}

const refused = (error) => error instanceof client.ResponseBodyError && error.error === "invalid_grant";

test("what is announced is enough, by OpenID Connect and by RFC 8414", async () => {
  assert.ok(config.serverMetadata().supportsPKCE());
  const plain = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
    algorithm: "oauth2",
    execute: [client.allowInsecureRequests],
  });
  assert.equal(plain.serverMetadata().token_endpoint, config.serverMetadata().token_endpoint);
});

test("a person signs in, and ID token and userinfo agree", async () => {
  const { back, checks } = await asked({ max_age: "3600" });
  const tokens = await client.authorizationCodeGrant(config, back, { ...checks, maxAge: 3600 });
  assert.ok(tokens.expiresIn() > 0);
  const { sub, email } = tokens.claims();
  const about = await client.fetchUserInfo(config, tokens.access_token, sub);
  assert.deepEqual([email, about.email, about.name], [PERSON_EMAIL, PERSON_EMAIL, "Ada"]);
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, "somebody else"));
  const files = await client.fetchProtectedResource(config, tokens.access_token, new URL("/files", ISSUER), "GET");
  assert.equal(files.status, 200);
});

test("a person who says no is told to the app", async () => {
  const { back, checks } = await asked({ prompt: "consent" }, "deny");
  await assert.rejects(client.authorizationCodeGrant(config, back, checks), { error: "access_denied" });
});

test("a refresh carries on with new tokens", async () => {
  const first = await signedIn();
  const second = await client.refreshTokenGrant(config, first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal((await client.fetchUserInfo(config, second.access_token, first.claims().sub)).email, PERSON_EMAIL);
});

test("a program gets a token for itself", async () => {
  const tokens = await client.clientCredentialsGrant(config, { scope: "files:read" });
  assert.equal(tokens.refresh_token, undefined);
  const about = await client.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual([about.active, about.sub, about.scope], [true, CLIENT_ID, "files:read"]);
});

test("what is revoked is inactive and refreshes nothing", async () => {
  const { refresh_token } = await signedIn();
  assert.equal((await client.tokenIntrospection(config, refresh_token)).active, true);
  await client.tokenRevocation(config, refresh_token);
  assert.deepEqual({ ...(await client.tokenIntrospection(config, refresh_token)) }, { active: false });
  await assert.rejects(client.refreshTokenGrant(config, refresh_token), refused);
});

test("a code is good once, and its second use ends what the first began", async () => {
  const { back, checks } = await asked();
  const { refresh_token } = await client.authorizationCodeGrant(config, back, checks);
  await assert.rejects(client.authorizationCodeGrant(config, back, checks), refused);
  assert.equal((await client.tokenIntrospection(config, refresh_token)).active, false);
});

test("a code is worth nothing to who has another verifier", async () => {
  const { back, checks } = await asked();
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  await assert.rejects(client.authorizationCodeGrant(config, back, { ...checks, pkceCodeVerifier }), refused);
});

test("another state, another issuer and none are noticed before anything is sent", async () => {
  const { back, checks } = await asked();
  for (const [changes, why] of [
    [{ state: "another" }, /"state" response parameter/],
    [{ iss: "https://issuer.example" }, /"iss" \(issuer\) response parameter/],
    [{ iss: null }, /"iss" \(issuer\) missing/],
  ]) {
    await assert.rejects(client.authorizationCodeGrant(config, altered(back, changes), checks), (error) => {
      assert.match(`${error.message} ${error.cause?.message}`, why);
      return true;
    });
  }
  assert.ok((await client.authorizationCodeGrant(config, back, checks)).access_token);
});

test("an ID token is for one sign-in", async () => {
  const { back, checks } = await asked();
  await assert.rejects(client.authorizationCodeGrant(config, back, { ...checks, expectedNonce: "another" }), (error) => {
    assert.match(`${error.message} ${error.cause?.message}`, /"nonce"/);
    return true;
  });
});
