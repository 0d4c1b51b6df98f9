// Debian's Chromium: banner, settings and declaration for those who see little, enlarge the page, or have a keyboard alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { complaints } from "./axe.mjs";
import { arrive, button, click, json, open, portal } from "./chromium.mjs";

const SCREENS = {
  "1280 pixels": { viewport: { width: 1280, height: 800 } },
  "320 pixels": { viewport: { width: 320, height: 640 } },
  // What is left of 1280 pixels at twice the size.
  "200 %": { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
};
const PAGES = ["/", "/cookies", "/cookies/consent", "/privacy"];
const decided = async (visitor) => (await json(await open(visitor, "/whoami"))).consent;

// The settings as they are shown again to who decided on something else.
async function stale(visitor) {
  const page = await open(visitor, "/cookies/consent");
  await page.evaluate(() => (document.querySelector("[name=revision]").value = "older"));
  const [response] = await Promise.all([page.waitForNavigation(), button(page, "Save selection").click()]);
  assert.equal(response.status(), 409);
  return page;
}

async function judge(page, what) {
  assert.deepEqual(await complaints(page), [], what);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `${what} is ${overflow} pixels too wide`);
}

for (const [screen, options] of Object.entries(SCREENS)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`everybody can read and use each page, at ${screen} and ${colorScheme}`, async (t) => {
      for (const locale of ["en-GB", "de-DE"]) {
        const visitor = await arrive(t, { ...options, colorScheme, locale });
        for (const path of PAGES) await judge(await open(visitor, path), `${path} in ${locale}`);
      }
      const visitor = await arrive(t, { ...options, colorScheme });
      await judge(await stale(visitor), "what is shown again");
      // Decided, the pages say other things.
      const page = await open(visitor);
      await click(page, "Accept all");
      for (const path of PAGES) await judge(await open(visitor, path), `${path} after accepting`);
      const objecting = await arrive(t, { ...options, colorScheme, extraHTTPHeaders: { "Sec-GPC": "1" } });
      for (const path of PAGES) await judge(await open(objecting, path), `${path} with the browser's objection`);
    });
  }
}

for (const [colorScheme, chosen] of [["light", "Dark"], ["dark", "Light"]]) {
  test(`the appearance that was chosen is readable on a system that is ${colorScheme}`, async (t) => {
    const visitor = await arrive(t, { colorScheme });
    await click(await open(visitor), chosen);
    for (const path of PAGES) await judge(await open(visitor, path), path);
    await judge(await stale(visitor), "what is shown again");
  });
}

// Goes on from where the focus is; how often that takes a press of the key.
async function tabTo(page, name) {
  const focused = (text) => {
    const element = document.activeElement;
    const label = element.labels?.[0] ?? element;
    if (label.innerText.trim() !== text) return null;
    const { top, bottom } = element.getBoundingClientRect();
    return { outlined: getComputedStyle(element).outlineStyle !== "none", inView: top >= 0 && bottom <= innerHeight };
  };
  for (let presses = 1; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(focused, name);
    if (found) {
      assert.deepEqual(found, { outlined: true, inView: true }, name);
      return presses;
    }
  }
  return assert.fail(`the key does not lead to ${name}`);
}

const press = (page, key) => Promise.all([page.waitForEvent("load"), page.keyboard.press(key)]);

for (const [screen, options] of Object.entries(SCREENS)) {
  test(`the keyboard alone refuses, and decides otherwise, at ${screen}`, async (t) => {
    const visitor = await arrive(t, options);
    const page = await open(visitor, "/privacy");
    assert.equal(await tabTo(page, "Accept all"), 2);
    assert.equal(await tabTo(page, "Reject all"), 1);
    await press(page, "Enter");
    assert.equal(page.url(), `${portal.url}/privacy`);
    assert.deepEqual(await decided(visitor), { decided: true, granted: [] });

    await tabTo(page, "Cookie settings");
    await press(page, "Enter");
    assert.equal(new URL(page.url()).pathname, "/cookies/consent");
    await tabTo(page, "Statistics");
    await page.keyboard.press("Space");
    await tabTo(page, "Save selection");
    await press(page, "Space");
    assert.deepEqual(await decided(visitor), { decided: true, granted: ["statistics"] });

    await page.goto(`${portal.url}/cookies/consent`);
    await tabTo(page, "Statistics");
    await page.keyboard.press("Space");
    await tabTo(page, "Save selection");
    await press(page, "Enter");
    assert.deepEqual(await decided(visitor), { decided: true, granted: [] });
  });
}

test("the banner is a region of its own and no dialogue, first in the order of reading", async (t) => {
  const page = await open(await arrive(t));
  const banner = page.getByRole("region", { name: "We ask for your consent to cookies" });
  assert.equal(await banner.count(), 1);
  assert.equal(await page.getByRole("dialog").count(), 0);
  const parts = await page.evaluate(() => [...document.body.children].map(({ localName }) => localName));
  assert.deepEqual(parts.slice(0, 3), ["a", "section", "header"]);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)));
});

test("nothing of it is blocked by the portal's own security policy", async (t) => {
  const visitor = await arrive(t);
  await visitor.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`blocked: ${event.blockedURI}`));
  });
  const said = [];
  visitor.on("console", (message) => said.push(message.text()));
  visitor.on("weberror", (error) => said.push(error.error().message));
  const page = await visitor.newPage();
  const look = async () => {
    for (const path of PAGES) await page.goto(portal.url + path);
  };
  await look();
  await page.goto(portal.url);
  await click(page, "Accept all");
  await look();
  await page.goto(`${portal.url}/cookies/consent`);
  await click(page, "Reject all");
  await look();
  await stale(visitor);
  assert.deepEqual(said.filter((text) => !text.includes("status of 409")), []);
  // The listener works: what the policy forbids is told.
  await page.evaluate(() => document.body.setAttribute("style", "color: red"));
  await page.waitForTimeout(100);
  assert.ok(said.some((text) => text.startsWith("blocked: ")));
});
