// Debian's Chromium and a remembered login: the box, the greeting after a restart, what takes the password, and a copied cookie.

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrive, button, click, json, open, serve, signIn } from "./chromium.mjs";

const LOGIN = "root.autoUserLoginId";
const login = async (visitor) => (await visitor.cookies()).find(({ name }) => name === LOGIN);
const restarted = async (t, visitor) => {
  const cookies = (await visitor.cookies()).filter(({ expires }) => expires !== -1);
  return arrive(t, { storageState: { cookies, origins: [] } });
};

async function remembered(t, portal) {
  const visitor = await arrive(t);
  const page = await open(visitor, "/", portal);
  const box = page.getByLabel("Remember me (uses cookies)");
  assert.equal(await box.isChecked(), false);
  await box.check();
  await signIn(page);
  return visitor;
}

test("a browser that starts again is greeted, goes on, and is asked for the password where it matters", async (t) => {
  const portal = await serve(t);
  const first = await remembered(t, portal);
  const { expires, httpOnly, secure, sameSite, path } = await login(first);
  assert.ok(Math.abs(expires - Date.now() / 1000 - 31_536_000) < 120);
  assert.deepEqual({ httpOnly, secure, sameSite, path }, { httpOnly: true, secure: true, sameSite: "Lax", path: "/" });
  const second = await restarted(t, first);
  assert.deepEqual((await second.cookies()).map(({ name }) => name), [LOGIN]);
  const page = await open(second, "/", portal);
  assert.equal(await page.getByRole("heading", { name: "Welcome back, anna" }).count(), 1);
  assert.equal(await page.getByLabel("User name").inputValue(), "anna");
  await click(page, "Continue");
  const { user, fresh } = await json(await open(second, "/whoami", portal));
  assert.deepEqual({ user, fresh }, { user: "anna", fresh: false });
  const forwarding = await open(second, "/account", portal);
  await forwarding.getByLabel("Forward my calls to").fill("12");
  const [refused] = await Promise.all([
    forwarding.waitForResponse(`${portal.url}/transfer`),
    button(forwarding, "Forward calls").click(),
  ]);
  assert.equal(refused.status(), 401);
  assert.equal(await forwarding.getByLabel("Password").count(), 1);
  await click(page, "Sign out");
  assert.equal(await login(second), undefined);
});

test("eight tabs that open at once are one user", async (t) => {
  const portal = await serve(t);
  const second = await restarted(t, await remembered(t, portal));
  const before = (await login(second)).value;
  const pages = await Promise.all(Array.from({ length: 8 }, () => open(second, "/whoami", portal)));
  for (const page of pages) assert.equal((await json(page)).remembered, "anna");
  assert.notEqual((await login(second)).value, before);
  assert.equal((await json(await open(second, "/whoami", portal))).remembered, "anna");
  assert.deepEqual((await json(await open(second, "/lab/report", portal))).refused, {});
});

test("a copied login ends for both, and the page says so", async (t) => {
  const portal = await serve(t);
  const visitor = await restarted(t, await remembered(t, portal));
  const thief = await restarted(t, visitor);
  await click(await open(thief, "/", portal), "Continue");
  await open(await restarted(t, thief), "/", portal);
  await fetch(`${portal.url}/lab/clock`, { method: "POST", body: "61" });
  const page = await open(visitor, "/", portal);
  assert.match(await page.getByRole("alert").innerText(), /worth nothing any more/);
  assert.equal(await login(visitor), undefined);
  assert.equal((await json(await open(thief, "/whoami", portal))).user, null);
});
