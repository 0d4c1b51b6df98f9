// Debian's Chromium and the TS cookies: requests side by side, a browser that starts again, and what script writes.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { chromium } from "playwright-core";

import { arrive, click, executablePath, json, open, serve, signIn } from "./chromium.mjs";

const EIGHT = Array.from({ length: 8 }, (_, number) => `part_${number}`);
const row = (name) => `[[cookie]]\nname = "${name}"\nbasis.essential.justification = "a test"\nintegrity = "guarded"\n`;
const TABLES = {
  "one guarded pattern": row("part_*"),
  "a row for each": ["part_first", ...EIGHT].map(row).join("\n"),
};

async function folder(t) {
  const path = await mkdtemp(join(tmpdir(), "chromium-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

// A page that may fetch, which the portal's own security policy forbids, at a portal of this table.
async function fetching(t, action, table) {
  const file = join(await folder(t), "policy.toml");
  await writeFile(file, `id = "parts"\n\n${table}`);
  const portal = await serve(t, "--action", action, "--policy", file);
  const visitor = await arrive(t, { bypassCSP: true });
  return { visitor, page: await open(visitor, "/lab/echo", portal) };
}

// Each cookie by a request of its own, all of them at once. The statuses.
const setAtOnce = (page, cookies) =>
  page.evaluate(
    (lines) => Promise.all(lines.map(async (body) => (await fetch("/lab/set", { method: "POST", body })).status)),
    Object.entries(cookies).map(([name, value]) => `${name}=${value}`),
  );

const echo = (page) =>
  page.evaluate(async () => {
    const response = await fetch("/lab/echo");
    return { status: response.status, ...(await response.json()) };
  });

const valued = (value) => Object.fromEntries(EIGHT.map((name, number) => [name, `${value}-${number}`]));

for (const action of ["strip", "reject"]) {
  for (const [kind, table] of Object.entries(TABLES)) {
    test(`eight requests at once each set another cookie and all verify: ${kind}, ${action}`, async (t) => {
      const { visitor, page } = await fetching(t, action, table);
      assert.deepEqual(await setAtOnce(page, { part_first: "begun" }), [200]);
      for (const value of ["tea", "milk", "tea"]) {
        assert.deepEqual(await setAtOnce(page, valued(value)), Array(8).fill(200));
        const { status, cookies, refusals } = await echo(page);
        assert.equal(status, 200);
        assert.deepEqual(refusals, []);
        assert.deepEqual(Object.fromEntries(cookies), { part_first: "begun", ...valued(value) });
      }
      // The nine, a companion for each, and one main.
      assert.equal((await visitor.cookies()).length, 19);
    });
  }

  test(`eight first visits at once lose some cookies and raise no alarm: ${action}`, async (t) => {
    const { page } = await fetching(t, action, TABLES["one guarded pattern"]);
    assert.deepEqual(await setAtOnce(page, valued("tea")), Array(8).fill(200));
    const { status, cookies, refusals } = await echo(page);
    assert.equal(status, 200);
    assert.ok(cookies.length >= 1);
    assert.equal(cookies.length + refusals.length, 8);
    for (const { reason } of refusals) assert.equal(reason, "other_transaction");
    // By now the transaction has begun.
    assert.deepEqual(await setAtOnce(page, valued("milk")), Array(8).fill(200));
    const again = await echo(page);
    assert.deepEqual([again.refusals, Object.fromEntries(again.cookies)], [[], valued("milk")]);
  });
}

test("a browser that starts again has its theme and no TS cookie, and is no alarm", async (t) => {
  const portal = await serve(t, "--action", "reject");
  const profile = await folder(t);
  const start = () => chromium.launchPersistentContext(profile, { executablePath, locale: "en-GB" });
  const first = await start();
  try {
    const page = await open(first, "/", portal);
    await click(page, "Dark");
    await click(page, "Add to cart: Desk phone");
    await signIn(page);
    assert.equal((await first.cookies()).length, 11);
  } finally {
    await first.close();
  }
  const second = await start();
  try {
    assert.deepEqual((await second.cookies()).map(({ name }) => name), ["theme"]);
    const { cookies, refusals } = await json(await open(second, "/lab/echo", portal));
    assert.deepEqual([cookies, refusals], [[["theme", "dark"]], []]);
    const page = await open(second, "/", portal);
    assert.equal(await page.getAttribute("html", "class"), "dark");
    // Another transaction begins, and the theme of the one before goes on beside it.
    await click(page, "Add to cart: Wireless headset");
    assert.deepEqual(await json(await open(second, "/cart", portal)), { cart: "headset" });
    assert.deepEqual((await json(await open(second, "/lab/report", portal))).refused, {});
  } finally {
    await second.close();
  }
});

test("what script writes to a cookie that it may write is no alarm", async (t) => {
  const portal = await serve(t, "--action", "reject");
  const visitor = await arrive(t);
  const page = await open(visitor, "/", portal);
  await click(page, "Add to cart: Desk phone");
  await signIn(page);
  for (const [written, locale, refusals] of [
    ["de", "de", []],
    ["fr", "fr", []],
    // Not a language of the site: it is as good as none, and nobody's attack.
    ["xx", "en", [{ name: "i18next", reason: "malformed" }]],
  ]) {
    await page.evaluate((value) => (document.cookie = `i18next=${value}; path=/`), written);
    const whoami = await json(await open(visitor, "/whoami", portal));
    assert.deepEqual([whoami.locale, whoami.user], [locale, "anna"]);
    assert.deepEqual((await json(await open(visitor, "/lab/echo", portal))).refusals, refusals);
  }
  assert.deepEqual(await json(await open(visitor, "/cart", portal)), { cart: "desk-phone" });
});

test("script cannot write what is guarded, nor its TS cookies", async (t) => {
  const portal = await serve(t, "--action", "reject");
  const visitor = await arrive(t);
  const page = await open(visitor, "/", portal);
  await click(page, "Add to cart: Desk phone");
  const before = await visitor.cookies();
  await page.evaluate((names) => {
    for (const name of names) document.cookie = `${name}=written; path=/`;
  }, before.map(({ name }) => name));
  assert.deepEqual(await visitor.cookies(), before);
  // Where the site set none it can, and what it writes there is nothing.
  await page.evaluate(() => (document.cookie = "JSESSIONID=00000000000000000000000000000000; path=/"));
  const { cookies, refusals } = await json(await open(visitor, "/lab/echo", portal));
  assert.deepEqual(cookies, [["cart", "desk-phone"]]);
  assert.deepEqual(refusals, [{ name: "JSESSIONID", reason: "unsigned" }]);
});
