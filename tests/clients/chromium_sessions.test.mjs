// Debian's Chromium: signing in and out on the real page, with one browser and with several.

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrive, button, click, json, open, portal, signIn } from "./chromium.mjs";

const whoami = async (visitor) => json(await open(visitor, "/whoami"));
const sessionId = async (visitor) => (await visitor.cookies()).find(({ name }) => name === "JSESSIONID")?.value;

for (const javaScriptEnabled of [true, false]) {
  test(`who signed in is there on return and gone after signing out, script ${javaScriptEnabled ? "on" : "off"}`, async (t) => {
    const visitor = await arrive(t, { javaScriptEnabled });
    const page = await open(visitor);
    await signIn(page, "Anna Müller");
    await page.getByLabel("A note to yourself").fill("first\nsecond");
    await click(page, "Save note");
    await page.close();

    const again = await open(visitor);
    assert.equal(await again.getByRole("heading", { level: 1 }).innerText(), "Welcome, Anna Müller");
    assert.equal(await again.getByLabel("A note to yourself").inputValue(), "first\nsecond");
    assert.equal((await whoami(visitor)).user, "Anna Müller");
    await click(again, "Sign out");
    await again.getByRole("button", { name: "Sign in" }).waitFor();
    assert.equal(await sessionId(visitor), undefined);
    assert.equal((await whoami(visitor)).user, null);
  });
}

test("a browser that starts again without its session cookies is nobody's", async (t) => {
  const visitor = await arrive(t);
  const page = await open(visitor);
  await click(page, "Dark");
  await signIn(page);
  const kept = (await visitor.cookies()).filter(({ expires }) => expires !== -1);
  assert.deepEqual(kept.map(({ name }) => name), ["theme"]);
  const restarted = await arrive(t, { storageState: { cookies: kept, origins: [] } });
  const { user, session } = await whoami(restarted);
  assert.deepEqual({ user, session }, { user: null, session: null });
  assert.deepEqual(await json(await open(restarted, "/theme")), { theme: "dark" });
});

test("a wrong password is told, and the right one then works from that page", async (t) => {
  const visitor = await arrive(t);
  const page = await open(visitor);
  await page.getByLabel("User name").fill("anna");
  await page.getByLabel("Password").fill("wrong");
  const [response] = await Promise.all([page.waitForResponse(`${portal.url}/login`), button(page, "Sign in").click()]);
  assert.equal(response.status(), 401);
  assert.match(await page.getByRole("alert").innerText(), /do not go together/);
  assert.equal(await page.getByLabel("User name").inputValue(), "anna");
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  assert.deepEqual(await visitor.cookies(), []);
  await signIn(page);
  assert.equal((await whoami(visitor)).user, "anna");
});

test("one browser ends the other's session from the list", async (t) => {
  const [desk, phone] = [await arrive(t), await arrive(t)];
  const [atDesk, onPhone] = [await open(desk), await open(phone)];
  await signIn(atDesk, "carla");
  await signIn(onPhone, "carla");
  await atDesk.reload();
  const list = atDesk.getByRole("region", { name: "Your sessions" }).getByRole("listitem");
  assert.equal(await list.count(), 2);
  assert.equal(await list.filter({ hasText: "this browser" }).count(), 1);
  await list.filter({ hasNotText: "this browser" }).getByRole("button").click();
  await atDesk.getByText("This is your only session.").waitFor();
  assert.equal(await list.count(), 1);
  assert.equal((await whoami(desk)).user, "carla");
  assert.equal((await whoami(phone)).user, null);
  // The other page still stands open. What is sent from it is refused, and one signs in again right there.
  const ended = await sessionId(phone);
  await onPhone.getByLabel("A note to yourself").fill("too late");
  const [response] = await Promise.all([
    onPhone.waitForResponse(`${portal.url}/note`),
    button(onPhone, "Save note").click(),
  ]);
  assert.equal(response.status(), 409);
  assert.equal(await onPhone.getByRole("heading", { level: 1 }).innerText(), "Your session has ended");
  await signIn(onPhone, "carla");
  assert.equal(await onPhone.getByLabel("A note to yourself").inputValue(), "");
  assert.notEqual(await sessionId(phone), ended);
});

for (const name of ["Sign out everywhere", "Change password"]) {
  test(`"${name}" ends the sessions in both browsers`, async (t) => {
    const [desk, phone, other] = [await arrive(t), await arrive(t), await arrive(t)];
    const page = await open(desk);
    await signIn(page, "dora");
    await signIn(await open(phone), "dora");
    await signIn(await open(other), "emil");
    await click(page, name);
    assert.equal(await sessionId(desk), undefined);
    for (const [visitor, user] of [[desk, null], [phone, null], [other, "emil"]]) {
      assert.equal((await whoami(visitor)).user, user);
    }
  });
}

test("a new session id is another one, and all else stays", async (t) => {
  const visitor = await arrive(t);
  const page = await open(visitor);
  await signIn(page);
  const before = await sessionId(visitor);
  await click(page, "New session id");
  assert.notEqual(await sessionId(visitor), before);
  assert.equal((await whoami(visitor)).user, "anna");
});
