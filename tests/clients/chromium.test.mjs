// Debian's Chromium: a visitor clicks through the real page, and the browser's own view of each cookie is compared
// with what the page about cookies declares.

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrive, button, click, json, open, portal, signIn } from "./chromium.mjs";
import { declaredRows } from "./portal.mjs";

test("a visitor who does nothing gets no cookie", async (t) => {
  const visitor = await arrive(t);
  for (const path of ["/", "/cookies", "/whoami", "/cart", "/theme", "/note", "/"]) await open(visitor, path);
  assert.deepEqual(await visitor.cookies(), []);
});

for (const javaScriptEnabled of [true, false]) {
  test(`what was clicked is there on return, script ${javaScriptEnabled ? "on" : "off"}`, async (t) => {
    const visitor = await arrive(t, { javaScriptEnabled });
    const page = await open(visitor);
    assert.equal(await page.getAttribute("html", "lang"), "en");
    await click(page, "Dark");
    await click(page, "Add to cart: Wireless headset");
    await click(page, "Deutsch");
    await page.close();

    const again = await open(visitor);
    assert.equal(await again.getAttribute("html", "lang"), "de");
    assert.equal(await again.getAttribute("html", "class"), "dark");
    for (const [name, pressed] of [["Dunkel", "true"], ["Hell", "false"], ["Deutsch", "true"], ["English", "false"]]) {
      assert.equal(await button(again, name).getAttribute("aria-pressed"), pressed, name);
    }
    const cart = again.getByRole("region", { name: "Ihr Warenkorb" });
    assert.ok((await cart.innerText()).includes("Funk-Headset"));
    assert.deepEqual(await json(await open(visitor, "/theme")), { theme: "dark" });
    assert.deepEqual(await json(await open(visitor, "/cart")), { cart: "headset" });
    assert.equal((await json(await open(visitor, "/whoami"))).locale, "de");
  });
}

test("the browser holds each cookie as the table declares it", async (t) => {
  const visitor = await arrive(t);
  const page = await open(visitor);
  const start = Date.now() / 1000;
  await click(page, "Dark");
  await click(page, "Add to cart: Desk phone");
  await signIn(page);
  await click(page, "Español");
  const end = Date.now() / 1000;

  const rows = await declaredRows(portal.url);
  // The names of the transaction's cookies follow from the policy, and their row lists them.
  const transaction = (name) => [...rows.values()].find((row) => row.names?.includes(name));
  const kept = await visitor.cookies();
  const known = kept.map((cookie) => cookie.name).filter((name) => !transaction(name));
  assert.deepEqual(
    known.sort(),
    ["JSESSIONID", "X-Appia-ExtAuth", "X-Appia-UUID", "bsloc", "cart", "i18next", "theme"],
  );
  for (const cookie of kept) {
    const row = rows.get(cookie.name) ?? transaction(cookie.name);
    assert.ok(row, `${cookie.name} is not declared`);
    assert.equal(cookie.domain, "127.0.0.1", cookie.name);
    assert.equal(row.attributes.domain, null, cookie.name);
    assert.equal(cookie.path, row.attributes.path, cookie.name);
    assert.equal(cookie.secure, row.attributes.secure, cookie.name);
    assert.equal(cookie.httpOnly, row.attributes.http_only, cookie.name);
    assert.equal(cookie.sameSite, row.attributes.same_site, cookie.name);
    if (row.max_age === null) {
      assert.equal(cookie.expires, -1, cookie.name);
    } else {
      assert.ok(cookie.expires >= start + row.max_age - 2, cookie.name);
      assert.ok(cookie.expires <= end + row.max_age + 2, cookie.name);
    }
  }
  assert.equal(rows.get("theme").max_age, 31_536_000);
  assert.equal(rows.get("i18next").max_age, 2_592_000);
});

test("script reads what is declared as readable and nothing else", async (t) => {
  const visitor = await arrive(t);
  const page = await open(visitor);
  await click(page, "Light");
  await click(page, "Add to cart: Desk phone");
  await signIn(page);
  await click(page, "English");
  assert.equal(await page.evaluate(() => document.cookie), "i18next=en");
});

test("an emptied cart leaves no cookie behind", async (t) => {
  const visitor = await arrive(t);
  const page = await open(visitor);
  await click(page, "Add to cart: Analogue adapter");
  assert.ok((await visitor.cookies()).some(({ name }) => name === "cart"));
  await click(page, "Empty the cart");
  assert.ok(!(await visitor.cookies()).some(({ name }) => name === "cart"));
});

test("a changed signature is no theme, and the page still works", async (t) => {
  const visitor = await arrive(t);
  const page = await open(visitor);
  await click(page, "Dark");
  const [theme] = (await visitor.cookies()).filter(({ name }) => name === "theme");
  await visitor.addCookies([{ ...theme, value: theme.value.replace("dark", "light") }]);
  const again = await open(visitor);
  assert.equal(await again.getAttribute("html", "class"), null);
  assert.deepEqual(await json(await open(visitor, "/theme")), { theme: null });
  const { refusals } = await json(await open(visitor, "/lab/echo"));
  assert.deepEqual(refusals, [{ name: "theme", reason: "modified" }]);
});

test("nothing on the page is blocked by its own security policy", async (t) => {
  const visitor = await arrive(t);
  const page = await visitor.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  for (const path of ["/", "/cookies"]) await page.goto(portal.url + path);
  await page.goto(portal.url);
  await signIn(page);
  await page.getByLabel("A note to yourself").fill("seen by nobody else");
  await click(page, "Save note");
  assert.deepEqual(complaints, []);
});
