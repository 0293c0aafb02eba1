// What `oauth4webapi` makes of Strongroom. It authenticates by HTTP Basic, and as a public app on a device.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as oauth from "oauth4webapi";
import { Person, altered } from "./person.mjs";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, PUBLIC_CLIENT_ID, PERSON_EMAIL, PERSON_PASSWORD } = process.env;
const SCOPE = "openid profile email files:read";
const LOOPBACK = { [oauth.allowInsecureRequests]: true };

const person = new Person(PERSON_EMAIL, PERSON_PASSWORD);
const issuer = new URL(ISSUER);
const app = { client: { client_id: CLIENT_ID }, secret: oauth.ClientSecretBasic(CLIENT_SECRET), redirect: REDIRECT_URI };
// Registered without a port: an app on a device takes whichever is free (RFC 8252 §7.3).
const device = { client: { client_id: PUBLIC_CLIENT_ID }, secret: oauth.None(), redirect: "http://127.0.0.1:49152/back" };
const as = await discovered("oidc");

async function discovered(algorithm) {
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...LOOPBACK }));
}

/** Sends the person off; answers where they come back to, and what the app must hold that against. */
async function asked({ client, redirect }) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const link = new URL(as.authorization_endpoint);
  link.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: redirect,
    response_type: "code",
    scope: SCOPE,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  return { back: await person.follow(link), verifier, state, nonce };
}

async function redeemed({ client, secret, redirect }, { back, verifier, state, nonce }) {
  const parameters = oauth.validateAuthResponse(as, client, back, state);
  const answer = await oauth.authorizationCodeGrantRequest(as, client, secret, parameters, redirect, verifier, LOOPBACK);
  const known = { expectedNonce: nonce, requireIdToken: true };
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, known);
  await oauth.validateApplicationLevelSignature(as, answer, LOOPBACK);
  return { ...tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
}

const signedIn = async (one) => redeemed(one, await asked(one));

async function refreshed({ client, secret }, token) {
  const answer = await oauth.refreshTokenGrantRequest(as, client, secret, token, LOOPBACK);
  return oauth.processRefreshTokenResponse(as, client, answer);
}

async function introspected(token) {
  const answer = await oauth.introspectionRequest(as, app.client, app.secret, token, LOOPBACK);
  return oauth.processIntrospectionResponse(as, app.client, answer);
}

async function aboutThePerson({ client }, { access_token }, sub) {
  const answer = await oauth.userInfoRequest(as, client, access_token, LOOPBACK);
  return oauth.processUserInfoResponse(as, client, sub, answer);
}

const refused = (error) => error instanceof oauth.ResponseBodyError && error.error === "invalid_grant";

const challenged = (scheme, why) => (error) =>
  error instanceof oauth.WWWAuthenticateChallengeError &&
  error.cause[0].scheme === scheme &&
  error.cause[0].parameters.error === why;

test("what is announced is enough, by OpenID Connect and by RFC 8414", async () => {
  assert.deepEqual(await discovered("oauth2"), as);
  assert.equal(as.authorization_response_iss_parameter_supported, true);
});

for (const [kind, one] of Object.entries({ "an app with a secret": app, "a public app on a device": device })) {
  test(`a person signs in to ${kind}, and ID token and userinfo agree`, async () => {
    const tokens = await signedIn(one);
    assert.equal(tokens.claims.email, PERSON_EMAIL);
    const about = await aboutThePerson(one, tokens, tokens.claims.sub);
    assert.deepEqual([about.email, about.name], [PERSON_EMAIL, "Ada"]);
    await assert.rejects(aboutThePerson(one, tokens, "somebody else"));
  });

  test(`a refresh of ${kind} carries on until it is revoked`, async () => {
    const first = await signedIn(one);
    const second = await refreshed(one, first.refresh_token);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal((await aboutThePerson(one, second, first.claims.sub)).email, PERSON_EMAIL);
    const answer = await oauth.revocationRequest(as, one.client, one.secret, second.refresh_token, LOOPBACK);
    await oauth.processRevocationResponse(answer);
    await assert.rejects(refreshed(one, second.refresh_token), refused);
    assert.deepEqual({ ...(await introspected(second.refresh_token)) }, { active: false });
  });

  test(`a code for ${kind} is good once, and its second use ends what the first began`, async () => {
    const sent = await asked(one);
    const { refresh_token } = await redeemed(one, sent);
    await assert.rejects(redeemed(one, sent), refused);
    await assert.rejects(refreshed(one, refresh_token), refused);
  });

  test(`a code for ${kind} is worth nothing to who has another verifier`, async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    await assert.rejects(redeemed(one, { ...(await asked(one)), verifier }), refused);
  });
}

test("a program gets a token for itself, and a resource server finds it as RFC 9068 says", async () => {
  const { client, secret } = app;
  const answer = await oauth.clientCredentialsGrantRequest(as, client, secret, { scope: "files:read" }, LOOPBACK);
  const { access_token, refresh_token } = await oauth.processClientCredentialsResponse(as, client, answer);
  assert.equal(refresh_token, undefined);
  const about = await introspected(access_token);
  assert.deepEqual([about.active, about.sub, about.scope], [true, CLIENT_ID, "files:read"]);
  const request = new Request(ISSUER, { headers: { authorization: `Bearer ${access_token}` } });
  const claims = await oauth.validateJwtAccessToken(as, request, about.aud, LOOPBACK);
  assert.deepEqual([claims.client_id, claims.sub, claims.jti], [CLIENT_ID, CLIENT_ID, about.jti]);
  await assert.rejects(oauth.validateJwtAccessToken(as, request, "another audience", LOOPBACK));
});

test("the tokens of a person are introspected, while they are good", async () => {
  const tokens = await signedIn(app);
  const [access, refresh] = [await introspected(tokens.access_token), await introspected(tokens.refresh_token)];
  assert.deepEqual([access.active, refresh.active, access.sub], [true, true, tokens.claims.sub]);
  assert.equal(refresh.sid, access.sid);
});

test("a refusal says what is wrong, with the client and with the token", async () => {
  const stranger = { ...app, secret: oauth.ClientSecretBasic("another") };
  await assert.rejects(refreshed(stranger, "anything"), challenged("basic"));
  const foreign = { access_token: "not-one-of-ours" };
  await assert.rejects(aboutThePerson(app, foreign, oauth.skipSubjectCheck), challenged("bearer", "invalid_token"));
});

test("another state, another issuer and none are noticed before anything is sent", async () => {
  const sent = await asked(app);
  for (const [changes, why] of [
    [{ state: "another" }, /"state" response parameter/],
    [{ iss: "https://issuer.example" }, /"iss" \(issuer\) response parameter/],
    [{ iss: null }, /"iss" \(issuer\) missing/],
  ]) {
    await assert.rejects(redeemed(app, { ...sent, back: altered(sent.back, changes) }), why);
  }
  assert.ok((await redeemed(app, sent)).access_token);
});

test("an ID token is for one sign-in", async () => {
  await assert.rejects(redeemed(app, { ...(await asked(app)), nonce: "another" }), /"nonce"/);
});
