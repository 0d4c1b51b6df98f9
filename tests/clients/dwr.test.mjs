// Direct Web Remoting in a page of jsdom, whose document.cookie and requests share one jar. With DWR_ENGINE_JS the same is
// asked of that copy of DWR's own engine.js.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { CookieJar, JSDOM } from "jsdom";

import { startPortal } from "./portal.mjs";

const CSRF = "CSRF Security Error (see server log for details).";
const FOREIGN = "DWRSESSIONID=AAAAAAAAAAAAAAAAAAAAAAAAAAAA1ejw09q; path=/";
const PROTECTION = "throw 'allowScriptTagRemoting is false.';";

const engines = { "own engine": new URL("dwr_engine.js", import.meta.url) };
if (process.env.DWR_ENGINE_JS) engines["DWR's engine"] = process.env.DWR_ENGINE_JS;

let portal;
before(async () => {
  portal = await startPortal();
});
after(() => portal?.stop());

// The engine's text for an application below a context path.
function engineFor(file, contextPath) {
  const values = {
    contextPath,
    pathToDwrServlet: "/dwr",
    scriptTagProtection: PROTECTION,
    plainCallHandlerUrl: "/call/plaincall/",
    plainPollHandlerUrl: "/call/plainpoll/",
    defaultToAsync: "true",
    pollWithXhr: "false",
    versionMajor: "3",
    versionMinor: "0",
    versionRevision: "2",
    versionBuild: "1",
  };
  return readFileSync(file, "utf8").replace(/(?<=["'])\$\{(\w+)\}(?=["'])/g, (_, word) => values[word] ?? "");
}

// A page of the portal: what a browser makes of one address with its jar.
class Page {
  constructor(file, jar, { at = portal, address = "/", contextPath = "" } = {}) {
    this.dom = new JSDOM("<!doctype html>", { url: at.url + address, cookieJar: jar, runScripts: "outside-only" });
    this.window = this.dom.window;
    this.requests = [];
    const { requests } = this;
    const { prototype } = this.window.XMLHttpRequest;
    const original = prototype.open;
    prototype.open = function open(method, url, ...rest) {
      requests.push(url.replace(/^.*\//, ""));
      this.addEventListener("loadend", () => requests.statuses.add(this.status));
      return original.call(this, method, url, ...rest);
    };
    requests.statuses = new Set();
    this.window.eval(engineFor(file, contextPath));
  }

  call(script, method, ...parameters) {
    return new Promise((callback, reject) => {
      const refuse = (message) => reject(new Error(message));
      const options = { callback, errorHandler: refuse, exceptionHandler: refuse };
      this.window.dwr.engine._execute("/dwr", script, method, [...parameters, options]);
    });
  }

  echo(text) {
    return this.call("Portal", "echo", text);
  }

  together(...calls) {
    this.window.dwr.engine.beginBatch();
    const answers = calls.map((call) => this.call(...call));
    const refused = new Promise((_, reject) => {
      this.window.dwr.engine.endBatch({ errorHandler: (message) => reject(new Error(message)) });
    });
    return Promise.race([Promise.allSettled(answers), refused]);
  }

  close() {
    this.window.close();
  }
}

class Browser {
  constructor(t, file, options = {}) {
    Object.assign(this, { t, file, options, jar: new CookieJar() });
  }

  open(options = {}) {
    const page = new Page(this.file, this.jar, { ...this.options, ...options });
    this.t.after(() => page.close());
    return page;
  }

  get url() {
    return (this.options.at ?? portal).url;
  }

  async post(path, fields) {
    const cookie = await this.jar.getCookieString(this.url);
    const body = new URLSearchParams(fields);
    const response = await fetch(this.url + path, { method: "POST", headers: { cookie }, body, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) await this.jar.setCookie(line, this.url);
    assert.equal(response.status, 303, path);
  }

  async ids() {
    const cookies = await this.jar.getCookies(this.url, { allPaths: true });
    return cookies.filter(({ key }) => key === "DWRSESSIONID").map(({ value, path }) => ({ value, path }));
  }

  // Another site of the domain, or a script of the page, writes over the cookie.
  async write(line) {
    await this.jar.setCookie(line, this.url);
  }
}

for (const [name, file] of Object.entries(engines)) {
  test(`${name}: a first page asks for an id, the next ones use it, and there is one cookie`, async (t) => {
    const browser = new Browser(t, file);
    const first = browser.open();
    assert.equal(await first.echo("hello"), "hello");
    assert.equal(await first.echo("again"), "again");
    assert.deepEqual([...first.requests], ["__System.generateId.dwr", "Portal.echo.dwr", "Portal.echo.dwr"]);
    const [{ value, path }, ...others] = await browser.ids();
    assert.match(value, /^[A-Za-z0-9!~]{35}$/);
    assert.deepEqual([path, others], ["/", []]);

    const second = browser.open();
    assert.equal(await second.echo("hello"), "hello");
    assert.deepEqual([...second.requests], ["Portal.echo.dwr"]);
    assert.deepEqual(await browser.ids(), [{ value, path }]);
    assert.deepEqual([...first.requests.statuses, ...second.requests.statuses], [200, 200]);
  });

  test(`${name}: texts come back as they were sent`, async (t) => {
    const page = new Browser(t, file).open();
    for (const text of [
      "",
      "</script><script>alert(1)</script>",
      "*/ /* // <!-- ]]>",
      "\u2028\u2029\u{1f600} äöü",
      "'\"\\\r\n\t\0",
      "100% &amp; a+b=c;d",
      "\n//#DWR-END#\n//#DWR-START#\n",
      "x".repeat(100_000),
    ]) {
      assert.equal(await page.echo(text), text);
    }
  });

  test(`${name}: a batch of two is answered call by call`, async (t) => {
    const page = new Browser(t, file).open();
    const answers = await page.together(["Portal", "echo", "one"], ["Portal", "erase"]);
    assert.deepEqual(
      answers.map(({ value, reason }) => value ?? reason.message),
      ["one", "There is no such method."],
    );
    assert.deepEqual([...page.requests], ["__System.generateId.dwr", "Multiple.2.dwr"]);
    assert.deepEqual([...page.requests.statuses], [200]);
  });

  test(`${name}: path parameters of the page's address do no harm`, async (t) => {
    const page = new Browser(t, file).open({ address: "/page;jsessionid=ABC.node1?a=b" });
    assert.equal(await page.echo("hello"), "hello");
    assert.equal(page.requests.at(-1).split("?")[0], "Portal.echo.dwr;jsessionid=ABC.node1");
  });

  test(`${name}: a session belongs to the first id, and a foreign one is refused`, async (t) => {
    const browser = new Browser(t, file);
    await browser.post("/login", { user: "anna", password: "demo" });
    const page = browser.open();
    assert.equal(await page.echo("hello"), "hello");
    const [{ value }] = await browser.ids();
    await browser.write(FOREIGN);
    // This page sends its own id, with the foreign cookie; the next one takes the cookie for its id.
    await assert.rejects(page.echo("hello"), { message: CSRF });
    const next = browser.open();
    await assert.rejects(next.echo("hello"), { message: CSRF });
    await assert.rejects(next.together(["Portal", "echo", "a"], ["Portal", "echo", "b"]), { message: CSRF });
    assert.deepEqual([...next.requests.statuses], [200]);
    await browser.write(`DWRSESSIONID=${value}; path=/`);
    assert.equal(await page.echo("hello"), "hello");
    // Without a session nothing is bound.
    await browser.post("/logout", {});
    await browser.write(FOREIGN);
    assert.equal(await browser.open().echo("hello"), "hello");
  });

  test(`${name}: a session whose browser lost the id is told it again, in every tab`, async (t) => {
    const browser = new Browser(t, file);
    await browser.post("/login", { user: "anna", password: "demo" });
    assert.equal(await browser.open().echo("hello"), "hello");
    const [{ value }] = await browser.ids();
    await browser.write("DWRSESSIONID=; path=/; max-age=0");
    assert.deepEqual(await browser.ids(), []);
    const pages = [browser.open(), browser.open()];
    assert.deepEqual(await Promise.all(pages.map((page) => page.echo("hello"))), ["hello", "hello"]);
    for (const page of pages) assert.equal(page.requests[0], "__System.generateId.dwr");
    assert.deepEqual(await browser.ids(), [{ value, path: "/" }]);
    for (const page of [...pages, browser.open()]) assert.equal(await page.echo("hello"), "hello");
  });

  test(`${name}: a cookie that was written over is the session's again once its page was loaded anew`, async (t) => {
    const browser = new Browser(t, file);
    await browser.post("/login", { user: "anna", password: "demo" });
    assert.equal(await browser.open().echo("hello"), "hello");
    const ids = await browser.ids();
    await browser.write(FOREIGN);
    await assert.rejects(browser.open().echo("hello"), { message: CSRF });
    assert.deepEqual(await browser.ids(), ids);
    assert.equal(await browser.open().echo("hello"), "hello");
  });

  for (const [title, said, paths] of [
    ["is one cookie if the policy names it", 'context_path = "/dwr"\n', ["/dwr"]],
    ["are two cookies if it does not", "", ["/", "/dwr"]],
  ]) {
    test(`${name}: below a context path there ${title}`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), "dwr-"));
      t.after(() => rmSync(folder, { recursive: true }));
      const policy = join(folder, "policy.toml");
      const row = 'name = "DWRSESSIONID"\nrole = "script_session"\nhttp_only = false\n';
      writeFileSync(policy, `${said}[[cookie]]\n${row}basis.essential.justification = "a test"\n`);
      const at = await startPortal("--policy", policy);
      t.after(at.stop);
      const browser = new Browser(t, file, { at, address: "/dwr/page", contextPath: "/dwr" });
      for (let visit = 0; visit < 2; visit++) assert.equal(await browser.open().echo("hello"), "hello");
      assert.deepEqual((await browser.ids()).map(({ path }) => path).sort(), paths);
    });
  }
}

test("whatever is asked is answered by a script", async () => {
  const address = `${portal.url}/dwr/call/plaincall/Portal.echo.dwr`;
  for (const [init, message] of [
    [{}, "GET Disallowed"],
    [{ method: "PUT", body: "x" }, "GET Disallowed"],
    [{ method: "POST", body: "callCount=100000\n" }, "callCount is beyond 20"],
    [{ method: "POST", body: "x".repeat(2 << 20) }, "the body has more than 1048576 bytes"],
    [{ method: "POST", body: "rubbish" }, "there is no callCount"],
  ]) {
    const response = await fetch(address, { ...init, headers: { origin: portal.url } });
    const reply = await response.text();
    assert.equal(response.status, 200, message);
    assert.equal(response.headers.get("content-type"), "text/javascript; charset=utf-8");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.ok(reply.startsWith(PROTECTION) && reply.includes(`message:'${message}'`), reply);
    assert.deepEqual(response.headers.getSetCookie(), []);
  }
});

test("another site cannot call, whatever cookies it sends along", async () => {
  const address = `${portal.url}/dwr/call/plaincall/__System.generateId.dwr`;
  const body = "callCount=1\nc0-scriptName=__System\nc0-methodName=generateId\nc0-id=0\nbatchId=0\ninstanceId=0\npage=/\nscriptSessionId=\n";
  const response = await fetch(address, { method: "POST", body, headers: { origin: "https://elsewhere.example" } });
  assert.equal(response.status, 403);
});
