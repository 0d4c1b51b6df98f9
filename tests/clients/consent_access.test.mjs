// Debian's Chromium: banner, settings and declaration for those who see little, enlarge the page, or have only a keyboard.

import assert from "node:assert/strict";
import { test } from "node:test";

import { complaints } from "./axe.mjs";
import { arrive, click, json, open, portal } from "./chromium.mjs";

const SCREENS = {
  "1280 pixels": { viewport: { width: 1280, height: 800 } },
  "320 pixels": { viewport: { width: 320, height: 640 } },
  // What is left of 1280 pixels at twice the size.
  "200 %": { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
};
const PAGES = ["/", "/cookies", "/cookies/consent", "/privacy"];

async function decided(visitor) {
  const page = await open(visitor, "/whoami");
  const { consent } = await json(page);
  await page.close();
  return consent;
}

// The settings as they are shown again to who decided on something else.
async function stale(page) {
  await page.goto(`${portal.url}/cookies/consent`);
  await page.evaluate(() => (document.querySelector("[name=revision]").value = "older"));
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await Promise.all([answered, page.waitForEvent("load"), page.locator("button[value=save]").click()]);
  assert.equal((await answered).status(), 409);
}

// What is wrong with what the page shows.
async function faults(page, what) {
  const found = await complaints(page);
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (excess > 0) found.push(`${excess} pixels too wide`);
  return found.map((fault) => `${what}: ${fault}`);
}

async function allFaults(visitor, paths = PAGES) {
  const page = await visitor.newPage();
  const found = [];
  for (const path of paths) {
    await page.goto(portal.url + path);
    found.push(...(await faults(page, path)));
  }
  await stale(page);
  return [...found, ...(await faults(page, "what is shown again"))];
}

for (const [screen, options] of Object.entries(SCREENS)) {
  // German words are longer.
  for (const [colorScheme, locale] of [["light", "en-GB"], ["dark", "en-GB"], ["light", "de-DE"]]) {
    test(`who has not decided can read every page, at ${screen}, ${colorScheme}, in ${locale}`, async (t) => {
      assert.deepEqual(await allFaults(await arrive(t, { ...options, colorScheme, locale })), []);
    });
  }

  for (const colorScheme of ["light", "dark"]) {
    test(`who has decided and objects by the browser can read the settings, at ${screen}, ${colorScheme}`, async (t) => {
      const visitor = await arrive(t, { ...options, colorScheme, extraHTTPHeaders: { "Sec-GPC": "1" } });
      const page = await open(visitor);
      await click(page, "Accept all");
      await page.close();
      assert.deepEqual(await allFaults(visitor, ["/", "/cookies/consent"]), []);
    });
  }
}

for (const [colorScheme, chosen] of [["light", "Dark"], ["dark", "Light"]]) {
  test(`the appearance that was chosen can be read on a system that is ${colorScheme}`, async (t) => {
    const visitor = await arrive(t, { colorScheme });
    const page = await open(visitor);
    await click(page, chosen);
    await page.close();
    assert.deepEqual(await allFaults(visitor), []);
  });
}

// Goes on from where the focus is; how often that takes a press of the key.
async function tabTo(page, name) {
  const focused = (text) => {
    const element = document.activeElement;
    const label = element.labels?.[0] ?? element;
    if (label.innerText.trim() !== text) return null;
    const { top, bottom } = element.getBoundingClientRect();
    // Browsers scroll by whole pixels.
    const inView = top > -1 && bottom < innerHeight + 1;
    return { outlined: getComputedStyle(element).outlineStyle !== "none", inView };
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
  await stale(page);
  assert.deepEqual(said.filter((text) => !text.includes("status of 409")), []);
  // What the policy forbids would be told.
  const told = page.waitForEvent("console", (message) => message.text().startsWith("blocked: "));
  await page.evaluate(() => document.body.setAttribute("style", "color: red"));
  await told;
});
