// The portal's consent as other people's tools see it: one that refuses for its users, one that grades banners, and one
// that looks for trackers.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { refuse } from "./autoconsent.mjs";
import { arrive, executablePath, json, open, portal, serve } from "./chromium.mjs";
import { declaredRows } from "./portal.mjs";
import { scan } from "./scanner.mjs";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const FULL = { consentValidity: 25, easyRefusal: 25, transparency: 25, cookieBehavior: 25 };

for (const [language, locale] of [["English", "en-GB"], ["German", "de-DE"]]) {
  test(`autoconsent refuses on the ${language} page by one click`, async (t) => {
    const visitor = await arrive(t, { locale });
    const said = await refuse(await visitor.newPage(), portal.url);
    assert.deepEqual(said, { popups: 1, clicks: [1], hidden: false, errors: [] });
    const { consent } = await json(await open(visitor, "/whoami"));
    assert.deepEqual(consent, { decided: true, granted: [] });
    assert.deepEqual((await visitor.cookies()).map(({ name }) => name), ["cookie_consent"]);
    const again = await refuse(await visitor.newPage(), portal.url);
    assert.deepEqual(again, { popups: 0, clicks: [], hidden: false, errors: [] });
  });
}

const setsWhatWasDecided = (found) => {
  const names = (cookies) => cookies.map(({ name }) => name).sort();
  assert.deepEqual(names(found.cookiesBeforeInteraction), []);
  assert.deepEqual(names(found.cookiesAfterReject), ["cookie_consent"]);
  assert.deepEqual(names(found.cookiesAfterAccept), ["cookie_consent", "portal_stats", "promo_summer"]);
  assert.deepEqual(found.errors, []);
};

for (const viewport of ["desktop", "mobile"]) {
  test(`the scanner gives the banner full marks on a ${viewport}`, async () => {
    const found = await scan(portal.url, executablePath, { viewport });
    assert.deepEqual(found.compliance, { total: 100, breakdown: FULL, issues: [], grade: "A" });
    assert.deepEqual(found.modal.buttons.map(({ type }) => type).sort(), ["accept", "preferences", "reject"]);
    setsWhatWasDecided(found);
  });
}

// What a banner has to tell it looks for in English and in French alone.
test("the scanner finds it as easy to refuse as to accept on the German page", async () => {
  const found = await scan(portal.url, executablePath, { locale: "de-DE" });
  const { easyRefusal, cookieBehavior } = found.compliance.breakdown;
  assert.deepEqual({ easyRefusal, cookieBehavior }, { easyRefusal: 25, cookieBehavior: 25 });
  assert.deepEqual(found.compliance.issues.filter(({ type }) => type !== "missing-info"), []);
  setsWhatWasDecided(found);
});

test("a table of essential cookies has full marks without a banner", async (t) => {
  const { url } = await serve(t, "--policy", file("essential.toml"));
  const found = await scan(url, executablePath);
  assert.deepEqual(found.compliance, { total: 100, breakdown: FULL, issues: [], grade: "A" });
  assert.equal(found.modal.detected, false);
  const visitor = await arrive(t);
  for (const path of ["/", "/cookies", "/privacy", "/cookies/consent"]) {
    const page = await open(visitor, path, { url });
    assert.equal(await page.locator(".cookie-policy-banner, [name=decision]").count(), 0, path);
  }
  assert.deepEqual(await visitor.cookies(), []);
});

test("blacklight finds no third party and no tracker where the browser objects to being sold", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [file("blacklight.mjs"), portal.url, executablePath]);
  const { status, visited, thirdParties, cookies, findings } = JSON.parse(stdout);
  assert.equal(status, "success");
  for (const page of visited) assert.ok(page.startsWith(`${portal.url}/`), page);
  assert.deepEqual(thirdParties, []);
  assert.deepEqual(findings, {});
  const rows = await declaredRows(portal.url);
  for (const { name } of cookies) assert.notEqual(rows.get(name)?.basis ?? "consent", "consent", name);
});

for (const [locale, words] of [
  ["en-GB", "Your browser sends the signal Global Privacy Control. It is honoured: marketing is off."],
  ["de-DE", "Ihr Browser sendet das Signal Global Privacy Control."],
]) {
  test(`the settings say that the browser's objection is honoured, in ${locale}`, async (t) => {
    const visitor = await arrive(t, { locale, extraHTTPHeaders: { "Sec-GPC": "1" } });
    const page = await open(visitor, "/cookies/consent");
    assert.ok((await page.getByRole("status").innerText()).includes(words));
    assert.equal(await page.locator("[name=marketing]").isDisabled(), true);
    assert.equal(await page.locator("[name=statistics]").isDisabled(), false);
    const silent = await open(await arrive(t, { locale }), "/cookies/consent");
    assert.equal(await silent.getByRole("status").count(), 0);
    assert.equal(await silent.locator("[name=marketing]").isDisabled(), false);
  });
}
