// Debian's Chromium: forms that may only be sent from here, and the flow that is entered from one page alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrive, button, click, json, open, portal, signIn } from "./chromium.mjs";
import { elsewhere } from "./elsewhere.mjs";

// What the form is answered with, before any redirect is followed.
async function send(page, path, press) {
  const [response] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === "POST" && new URL(answer.url()).pathname === path),
    page.waitForEvent("load"),
    press(),
  ]);
  return response.status();
}

async function forward(page, to) {
  await page.getByLabel("Forward my calls to").fill(to);
  return send(page, "/transfer", () => button(page, "Forward calls").click());
}

const forwarded = (page) => page.getByRole("main").getByRole("strong").innerText();

const sendNoReferrer = () =>
  document.head.insertAdjacentHTML("beforeend", '<meta name="referrer" content="no-referrer">');

async function signedIn(t) {
  const visitor = await arrive(t);
  const page = await open(visitor);
  await signIn(page);
  return { visitor, page };
}

// A page whose form is sent to ours.
const poison = (target) =>
  `<form method="post" action="${target}"><button name="item" value="poison">Send</button></form>`;

test("the form of the account page works, in two tabs and after the back button", async (t) => {
  const { visitor, page } = await signedIn(t);
  await page.getByRole("navigation").getByRole("link", { name: "Call forwarding" }).click();
  const other = await open(visitor, "/account");
  for (const [tab, to] of [[page, "+49 30 1"], [other, "+49 30 2"], [page, "+49 30 3"]]) {
    assert.equal(await forward(tab, to), 303);
    assert.equal(tab.url(), `${portal.url}/account`);
    assert.equal(await forwarded(tab), to);
  }
  await page.goBack();
  assert.equal(page.url(), `${portal.url}/account`);
  assert.equal(await forward(page, "+49 30 4"), 303);
  assert.equal(await forwarded(page), "+49 30 4");
  await other.reload();
  assert.equal(await forwarded(other), "+49 30 4");
});

test("a flow that is typed in, linked to, or entered from another page is refused", async (t) => {
  const { visitor, page } = await signedIn(t);
  for (const options of [{}, { referer: `${portal.url}/` }]) {
    assert.equal((await page.goto(`${portal.url}/transfer`, options)).status(), 403);
  }
  const start = await open(visitor);
  // Another page's form, aimed at the flow.
  await start.evaluate(() => (document.querySelector('form[action="/cart"]').action = "/transfer"));
  const aimed = start.locator('form[action="/transfer"] button').first();
  assert.equal(await send(start, "/transfer", () => aimed.click()), 403);
  const account = await open(visitor, "/account");
  assert.equal(await account.getByRole("main").getByRole("strong").count(), 0);
});

test("a flow is refused without a referrer", async (t) => {
  const { visitor, page } = await signedIn(t);
  await page.goto(`${portal.url}/account`);
  await page.evaluate(sendNoReferrer);
  assert.equal(await forward(page, "+49 30 1"), 403);
  const account = await open(visitor, "/account");
  assert.equal(await account.getByRole("main").getByRole("strong").count(), 0);
  // Forms that are no flow go without one: the browser says in another header that they come from here.
  await page.goto(portal.url);
  await page.evaluate(sendNoReferrer);
  await click(page, "Add to cart: Desk phone");
  assert.deepEqual(await json(await open(visitor, "/cart")), { cart: "desk-phone" });
});

for (const [whose, host, path, policy] of [
  ["another site", "localhost", "/cart"],
  ["another port of this host", "127.0.0.1", "/cart"],
  ["another site that hides itself", "localhost", "/logout", "no-referrer"],
  ["another site that aims at a flow", "localhost", "/transfer"],
]) {
  test(`a form of ${whose} changes nothing`, async (t) => {
    const { visitor, page } = await signedIn(t);
    await click(page, "Add to cart: Desk phone");
    const before = await visitor.cookies();
    await page.goto(await elsewhere(t, host, poison(portal.url + path), policy));
    assert.equal(await send(page, path, () => button(page, "Send").click()), 403);
    assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "That did not work");
    await page.getByRole("link", { name: "Back to the first page" }).waitFor();
    assert.deepEqual(await visitor.cookies(), before);
    await page.goto(`${portal.url}/cart`);
    assert.deepEqual(await json(page), { cart: "desk-phone" });
    await page.goto(`${portal.url}/whoami`);
    assert.equal((await json(page)).user, "anna");
  });
}

test("a link from another site finds the visitor as before", async (t) => {
  const { visitor, page } = await signedIn(t);
  await click(page, "Add to cart: Desk phone");
  await page.goto(await elsewhere(t, "localhost", poison(portal.url)));
  const link = `<a href="${portal.url}/cart">Go</a>`;
  await page.evaluate((html) => document.body.insertAdjacentHTML("beforeend", html), link);
  await page.getByRole("link", { name: "Go" }).click();
  await page.waitForURL(`${portal.url}/cart`);
  assert.deepEqual(await json(page), { cart: "desk-phone" });
});
