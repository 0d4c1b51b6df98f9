// i18next itself: its language detector in a page of the portal, and its middleware for express beside the portal.
//
// jsdom runs the two libraries as scripts of the page; a browser would not, since the portal's pages allow none. The page and
// the requests share a jar, which is tough-cookie's own: the one in jsdom keeps Secure cookies from 127.0.0.1.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { after, before, test } from "node:test";

import express from "express";
import i18next from "i18next";
import { LanguageDetector, handle } from "i18next-http-middleware";
import { JSDOM } from "jsdom";
import { CookieJar } from "tough-cookie";

import { declaredRows, startPortal } from "./portal.mjs";

// The portal's languages, the fallback first.
const LANGUAGES = ["en", "de", "fr", "es"];
const MONTH = 2_592_000;
const SCRIPTS = [
  "i18next/dist/umd/i18next.js",
  "i18next-browser-languagedetector/dist/umd/i18nextBrowserLanguageDetector.js",
].map((file) => readFileSync(new URL(`node_modules/${file}`, import.meta.url), "utf8"));

const settings = (detection) => ({
  supportedLngs: LANGUAGES,
  fallbackLng: LANGUAGES[0],
  resources: Object.fromEntries(LANGUAGES.map((language) => [language, { translation: { here: language } }])),
  detection: { order: ["cookie"], caches: [], ...detection },
});

// What a page says to the detector so that its cookie is the one that the table declares.
const AS_DECLARED = { cookieMinutes: MONTH / 60, cookieOptions: { path: "/", sameSite: "lax", secure: true } };

let portal, beside;
before(async () => {
  portal = await startPortal();
  beside = await startExpress({});
});
after(async () => {
  beside?.stop();
  await portal?.stop();
});

async function startExpress(detection) {
  const instance = i18next.createInstance();
  await instance.use(LanguageDetector).init(settings(detection));
  const app = express();
  app.use(handle(instance));
  app.get("/", (request, response) => response.json({ locale: request.language, here: request.t("here") }));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

// A request with this very Cookie header.
async function send(url, cookie) {
  const request = get(url, { headers: cookie === undefined ? {} : { cookie } });
  const [response] = await once(request, "response");
  let text = "";
  for await (const piece of response) text += piece;
  return { status: response.statusCode, lines: response.headers["set-cookie"] ?? [], text, headers: response.headers };
}

async function whoami(cookie) {
  const answer = await send(`${portal.url}/whoami`, cookie);
  return { ...answer, locale: JSON.parse(answer.text).locale };
}

async function middleware(cookie) {
  const answer = await send(beside.url, cookie);
  return { ...answer, locale: JSON.parse(answer.text).locale };
}

// What the portal makes of what is in the jar.
async function read(jar) {
  return (await whoami(await jar.getCookieString(portal.url))).locale;
}

async function choose(jar, lng) {
  const cookie = await jar.getCookieString(portal.url);
  const response = await fetch(`${portal.url}/language`, {
    method: "POST",
    body: new URLSearchParams({ lng }),
    headers: cookie ? { cookie } : {},
    redirect: "manual",
  });
  for (const line of response.headers.getSetCookie()) await jar.setCookie(line, portal.url);
  return response.status;
}

// The portal's first page in a browser with this jar, with i18next started in it.
async function visit(t, jar, detection) {
  const page = await JSDOM.fromURL(`${portal.url}/`, { cookieJar: jar, runScripts: "outside-only" });
  t.after(() => page.window.close());
  for (const script of SCRIPTS) page.window.eval(script);
  const instance = page.window.i18next.createInstance();
  await instance.use(page.window.i18nextBrowserLanguageDetector).init(settings(detection));
  const detected = [...instance.services.languageDetector.detect()];
  return { instance, detected, lang: page.window.document.documentElement.lang };
}

async function jarOf(...cookies) {
  const jar = new CookieJar();
  for (const [pair, path] of cookies) await jar.setCookie(`${pair}; Path=${path}`, portal.url + path);
  return jar;
}

test("a language that was chosen on the portal is what the detector finds", async (t) => {
  const jar = new CookieJar();
  for (const language of [...LANGUAGES, "DE"]) {
    assert.equal(await choose(jar, language), 303, language);
    const { instance, detected } = await visit(t, jar);
    const expected = language.toLowerCase();
    assert.deepEqual(detected, [expected]);
    assert.equal(instance.resolvedLanguage, expected);
    assert.equal(await read(jar), expected);
  }
  assert.equal(await choose(jar, "it"), 400);
  assert.equal(await read(jar), "de", "what is not in the list changes nothing");
});

test("a language that the detector writes is what the portal reads", async (t) => {
  const jar = new CookieJar();
  const { instance } = await visit(t, jar, { caches: ["cookie"], ...AS_DECLARED });
  for (const language of ["de", "es", "fr", "en"]) {
    await instance.changeLanguage(language);
    assert.equal(await read(jar), language);
    const { lang, detected } = await visit(t, jar);
    assert.deepEqual(detected, [language]);
    // The page's own texts are German or English.
    assert.equal(lang, language === "de" ? "de" : "en");
  }
});

test("told what the table says the detector keeps it, and by default it does not", async (t) => {
  const row = (await declaredRows(portal.url)).get("i18next");
  assert.deepEqual([row.max_age, row.issuer, row.attributes.http_only], [MONTH, "server", false]);
  const jar = new CookieJar();
  const kept = async () => (await jar.getCookies(portal.url)).find(({ key }) => key === "i18next");

  const start = Date.now();
  await (await visit(t, jar, { caches: ["cookie"], ...AS_DECLARED })).instance.changeLanguage("de");
  const written = await kept();
  assert.equal(written.path, row.attributes.path);
  assert.equal(written.sameSite, row.attributes.same_site.toLowerCase());
  assert.equal(written.secure, row.attributes.secure);
  assert.equal(written.hostOnly, true);
  const lasting = written.expires.getTime() - start;
  assert.ok(lasting >= (MONTH - 2) * 1000 && lasting <= (MONTH + 30) * 1000, String(lasting));

  await (await visit(t, jar, { caches: ["cookie"] })).instance.changeLanguage("de");
  const { expires, sameSite, secure } = await kept();
  assert.deepEqual({ expires, sameSite, secure }, { expires: "Infinity", sameSite: "strict", secure: false });
  assert.equal(await read(jar), "de", "it counts for all that");

  // The portal's own cookie takes its place, and there are not two of them.
  assert.equal(await choose(jar, "fr"), 303);
  assert.equal((await jar.getCookies(portal.url)).filter(({ key }) => key === "i18next").length, 1);
  assert.equal((await kept()).maxAge, MONTH);
});

// What of a value comes out where: in the portal, in a page, and in the middleware. `null` is what nobody takes for a
// language, so that the fallback is spoken.
const VALUES = [
  ["en", "en", "en", "en"],
  ["de", "de", "de", "de"],
  ["fr", "fr", "fr", "fr"],
  ["es", "es", "es", "es"],
  // The portal's list is compared without regard to case, as language tags are (RFC 5646 section 2.1.1).
  ["DE", "de", null, null],
  ["dE", "de", null, null],
  // i18next shortens what it does not support; the portal takes the visitor's word, or else asks Accept-Language.
  ["de_AT", null, "de", "de"],
  ["de-AT", null, "de", "de"],
  ["en_US", null, "en", "en"],
  ["it", null, null, null],
  ["<b>x</b>", null, null, null],
  ["../../etc", null, null, null],
  ["de..", null, null, null],
  ["__proto__", null, null, null],
  ["constructor", null, null, null],
  ["prototype", null, null, null],
  ["toString", null, null, null],
  // Nobody decodes: these are three more characters.
  ["de%20x", null, null, null],
  ["d%65", null, null, null],
  ['"de"', null, null, null],
  ["", null, null, null],
  ["d".repeat(10_000), null, null, null],
];

test("value for value the portal, the detector and the middleware side by side", async (t) => {
  for (const [value, ours, page, server] of VALUES) {
    const cookie = `i18next=${value}`;
    const name = value.slice(0, 20);
    const { status, lines, locale } = await whoami(cookie);
    assert.deepEqual({ status, lines, locale }, { status: 200, lines: [], locale: ours ?? "en" }, name);
    const { instance } = await visit(t, await jarOf([cookie, "/"]));
    assert.equal(instance.resolvedLanguage, page ?? "en", `${name} in a page`);
    assert.equal((await middleware(cookie)).locale, server ?? "en", `${name} in the middleware`);
    // What the portal refuses it counts, and no handler sees it.
    const echo = JSON.parse((await send(`${portal.url}/lab/echo`, cookie)).text);
    assert.deepEqual(echo.cookies, ours ? [["i18next", value]] : [], name);
    assert.deepEqual(echo.refusals, ours ? [] : [{ name: "i18next", reason: "malformed" }], name);
  }
});

test("what the detector takes for no language code the portal never lets in", async (t) => {
  for (const [value, ours] of VALUES) {
    const { detected } = await visit(t, await jarOf([`i18next=${value}`, "/"]));
    assert.deepEqual(detected, detected.length ? [value] : []);
    assert.ok(detected.length === 1 || ours === null, value.slice(0, 20));
  }
});

test("of several cookies the portal takes the first that is good, a page the first, the middleware the last", async (t) => {
  for (const [first, second, ours, page, server] of [
    ["de", "fr", "de", "de", "fr"],
    ["it", "fr", "fr", "en", "fr"],
    ["fr", "it", "fr", "fr", "en"],
    ["__proto__", "es", "es", "en", "es"],
    ["<b>", "DE", "de", "en", "en"],
  ]) {
    const cookie = `i18next=${first}; i18next=${second}`;
    assert.equal((await whoami(cookie)).locale, ours, cookie);
    assert.equal((await middleware(cookie)).locale, server, cookie);
    // Both reach a page where their paths differ, the longer one first.
    const jar = await jarOf([`i18next=${second}`, "/"]);
    await jar.setCookie(`i18next=${first}; Path=/account`, `${portal.url}/account`);
    const dom = await JSDOM.fromURL(`${portal.url}/account`, { cookieJar: jar, runScripts: "outside-only" });
    t.after(() => dom.window.close());
    assert.equal(dom.window.document.cookie, cookie);
    for (const script of SCRIPTS) dom.window.eval(script);
    const instance = dom.window.i18next.createInstance();
    await instance.use(dom.window.i18nextBrowserLanguageDetector).init(settings());
    assert.equal(instance.resolvedLanguage, page, cookie);
  }
});

test("the portal's answer varies by the cookie, and the middleware's does not say so", async () => {
  // It tells of the visitor's consent besides.
  assert.equal((await whoami("i18next=de")).headers.vary, "Accept-Language, Cookie, Sec-GPC");
  assert.equal((await whoami()).headers.vary, "Accept-Language, Cookie, Sec-GPC");
  assert.equal((await middleware("i18next=de")).headers.vary, undefined);
});

test("the cookie that the middleware writes on its own is not let out", async (t) => {
  const writing = await startExpress({ caches: ["cookie"] });
  t.after(writing.stop);
  // Nobody has chosen anything, and it writes its fallback, for a year.
  const { lines } = await send(writing.url);
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^i18next=en; Path=\/; Expires=/);
  const stopped = async () =>
    JSON.parse((await send(`${portal.url}/lab/report`)).text).suppressed.not_requested ?? 0;
  const count = await stopped();
  const answer = await fetch(`${portal.url}/lab/set`, { method: "POST", body: lines[0] });
  assert.deepEqual([answer.status, answer.headers.getSetCookie()], [200, []]);
  assert.equal(await stopped(), count + 1);
});
