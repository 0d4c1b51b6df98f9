// tough-cookie, the jar of most programs on Node, under Node's own fetch.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CookieJar } from "tough-cookie";

import { declaredRows, startPortal } from "./portal.mjs";

let portal;
before(async () => {
  portal = await startPortal();
});
after(() => portal?.stop());

class Client {
  constructor(jar = new CookieJar(), at = portal) {
    Object.assign(this, { jar, at });
  }

  async ask(path, init = {}) {
    const url = this.at.url + path;
    const cookie = await this.jar.getCookieString(url);
    const headers = { ...init.headers, ...(cookie && { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    const lines = response.headers.getSetCookie();
    for (const line of lines) await this.jar.setCookie(line, url);
    return { status: response.status, lines, text: await response.text() };
  }

  async json(path) {
    return JSON.parse((await this.ask(path)).text);
  }

  // The visitor's three actions.
  async choose() {
    for (const [path, fields] of [
      ["/theme", { theme: "dark" }],
      ["/language", { lng: "de" }],
      ["/cart", { item: "tea" }],
    ]) {
      const { status, lines } = await this.post(path, fields);
      assert.equal(status, 303, path);
      assert.ok(lines.length > 0, path);
    }
  }

  async post(path, fields = {}) {
    return this.ask(path, { method: "POST", body: new URLSearchParams(fields) });
  }

  async signIn(user = "anna") {
    assert.equal((await this.post("/login", { user, password: "demo" })).status, 303);
  }

  async user() {
    return (await this.json("/whoami")).user;
  }

  async sessionId() {
    return (await this.jar.getCookies(this.at.url)).find(({ key }) => key === "JSESSIONID")?.value;
  }

  // Another program reads what this one stored; `session` cookies it may drop, as a browser that starts does.
  async comeBack({ withSession }) {
    const stored = await this.jar.serialize();
    const persistent = (cookie) => cookie.maxAge !== undefined || cookie.expires !== undefined;
    if (!withSession) stored.cookies = stored.cookies.filter(persistent);
    return new Client(await CookieJar.deserialize(JSON.parse(JSON.stringify(stored))), this.at);
  }
}

test("a visitor who does nothing gets no cookie", async () => {
  const client = new Client();
  for (const path of ["/", "/whoami", "/theme", "/cart", "/note", "/sessions", "/cookies", "/nowhere"]) {
    assert.deepEqual((await client.ask(path)).lines, [], path);
  }
  assert.deepEqual(await client.json("/lab/echo"), { cookies: [], refusals: [] });
});

test("what was chosen is there on return", async () => {
  const client = new Client();
  await client.choose();
  const returned = await client.comeBack({ withSession: true });
  assert.deepEqual(await returned.json("/theme"), { theme: "dark" });
  assert.deepEqual(await returned.json("/cart"), { cart: "tea" });
  assert.equal((await returned.json("/whoami")).locale, "de");
  const { cookies, refusals } = await returned.json("/lab/echo");
  assert.deepEqual(refusals, []);
  assert.ok(cookies.some(([name, value]) => name === "theme" && value === "dark"));
});

test("only what is persistent survives a restart of the browser", async () => {
  const client = new Client();
  await client.choose();
  const restarted = await client.comeBack({ withSession: false });
  assert.deepEqual(await restarted.json("/theme"), { theme: "dark" });
  assert.deepEqual(await restarted.json("/cart"), { cart: null });
  assert.equal((await restarted.json("/whoami")).locale, "de");
});

test("the jar reads each cookie as the table declares it", async () => {
  const client = new Client();
  const start = Date.now();
  await client.choose();
  await client.signIn();
  const end = Date.now();
  const rows = await declaredRows(portal.url);
  const kept = new Map((await client.jar.getCookies(portal.url)).map((cookie) => [cookie.key, cookie]));
  for (const [name, maxAge] of [["theme", 31_536_000], ["i18next", 2_592_000], ["cart", null], ["JSESSIONID", null]]) {
    const cookie = kept.get(name);
    const row = rows.get(name);
    assert.ok(cookie, name);
    assert.equal(row.max_age, maxAge, name);
    assert.equal(cookie.maxAge ?? null, maxAge, name);
    assert.equal(cookie.path, row.attributes.path, name);
    assert.equal(cookie.secure, row.attributes.secure, name);
    assert.equal(cookie.httpOnly, row.attributes.http_only, name);
    assert.equal(cookie.sameSite, row.attributes.same_site.toLowerCase(), name);
    assert.equal(row.attributes.domain, null, name);
    assert.equal(cookie.hostOnly, true, name);
    if (maxAge === null) {
      // "Infinity" is how tough-cookie says that a line has no Expires.
      assert.equal(cookie.expires, "Infinity", name);
    } else {
      // The date is whole seconds, and the portal's second is not the test's.
      assert.ok(cookie.expires.getTime() >= start + (maxAge - 2) * 1000, name);
      assert.ok(cookie.expires.getTime() <= end + (maxAge + 2) * 1000, name);
    }
  }
});

test("who signed in is there on return, and not after a restart of the browser", async () => {
  const client = new Client();
  await client.signIn();
  await client.post("/note", { text: "für später" });
  const returned = await client.comeBack({ withSession: true });
  assert.equal(await returned.user(), "anna");
  assert.deepEqual(await returned.json("/note"), { note: "für später" });
  const restarted = await client.comeBack({ withSession: false });
  assert.equal(await restarted.sessionId(), undefined);
  const { user, fresh, session } = await restarted.json("/whoami");
  assert.deepEqual({ user, fresh, session }, { user: null, fresh: null, session: null });
});

test("signing out takes the cookie away, and a copy of the jar is good for nothing", async () => {
  const client = new Client();
  await client.signIn();
  const copy = await client.comeBack({ withSession: true });
  assert.equal((await client.post("/logout")).status, 303);
  assert.equal(await client.sessionId(), undefined);
  assert.equal(await client.user(), null);
  assert.notEqual(await copy.sessionId(), undefined);
  assert.equal(await copy.user(), null);
  const { status, lines } = await copy.post("/note", { text: "late" });
  assert.deepEqual({ status, lines }, { status: 409, lines: [] });
});

test("each sign-in and each renewal brings another id, and the jar follows", async () => {
  const client = new Client();
  const ids = [];
  for (const step of [
    () => client.post("/note", { text: "kept" }),
    () => client.signIn(),
    () => client.signIn(),
    () => client.post("/renew"),
  ]) {
    await step();
    ids.push(await client.sessionId());
  }
  assert.equal(new Set(ids).size, 4);
  assert.deepEqual(await client.json("/note"), { note: "kept" });
});

test("a remembered login outlives a restart, once it was asked for", async () => {
  const client = new Client();
  assert.equal((await client.post("/login", { user: "anna", password: "demo", remember: "on" })).status, 303);
  const restarted = await client.comeBack({ withSession: false });
  const [{ key, maxAge }, ...others] = await restarted.jar.getCookies(portal.url);
  assert.deepEqual([key, maxAge, others], ["root.autoUserLoginId", 31_536_000, []]);
  assert.equal((await restarted.json("/whoami")).remembered, "anna");
  assert.equal(await restarted.user(), null);
  assert.equal((await restarted.post("/resume")).status, 303);
  assert.equal(await restarted.user(), "anna");
  assert.equal((await restarted.post("/logout")).status, 303);
  assert.equal((await (await restarted.comeBack({ withSession: true })).json("/whoami")).remembered, null);
});

for (const action of ["strip", "reject"]) {
  test(`the jar keeps the TS cookies, and without them nothing guarded is let in: ${action}`, async (t) => {
    const at = await startPortal("--action", action);
    t.after(at.stop);
    const client = new Client(undefined, at);
    await client.choose();
    await client.signIn();
    const names = (await client.jar.getCookies(at.url)).map(({ key }) => key);
    const transaction = names.filter((name) => /^TS(01[0-9a-f]{6}|[0-9a-f]{8}d)$/.test(name));
    assert.equal(transaction.length, 5);
    for (const returned of [client, await client.comeBack({ withSession: true })]) {
      const { cookies, refusals } = await returned.json("/lab/echo");
      assert.deepEqual(refusals, []);
      assert.deepEqual(
        cookies.map(([name]) => name).sort(),
        ["JSESSIONID", "X-Appia-ExtAuth", "X-Appia-UUID", "bsloc", "cart", "i18next", "theme"],
      );
      assert.equal(await returned.user(), "anna");
    }
    assert.deepEqual((await client.json("/lab/report")).refused, {});

    const { hostname } = new URL(at.url);
    for (const name of transaction) await client.jar.store.removeCookie(hostname, "/", name);
    const { cookies, refusals } = await client.json("/lab/echo");
    assert.deepEqual(cookies.map(([name]) => name).sort(), ["X-Appia-ExtAuth", "i18next", "theme"]);
    assert.deepEqual(refusals.map(({ name, reason }) => [name, reason]).sort(), [
      ["JSESSIONID", "unsigned"],
      ["X-Appia-UUID", "unsigned"],
      ["bsloc", "unsigned"],
      ["cart", "unsigned"],
    ]);
    assert.equal(await client.user(), null);
    // What the site sets anew is whole.
    await client.post("/cart", { item: "milk" });
    await client.signIn("bert");
    assert.deepEqual((await client.json("/lab/echo")).refusals, []);
    assert.deepEqual(await client.json("/cart"), { cart: "milk" });
    assert.equal(await client.user(), "bert");
  });
}
