// Debian's Chromium on a portal, for one test file.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before } from "node:test";

import { chromium } from "playwright-core";

import { startPortal } from "./portal.mjs";

export const executablePath = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
export let portal;
let browser;
before(async () => {
  portal = await startPortal();
  browser = await chromium.launch({ executablePath });
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

// Another portal, for one test.
export async function serve(t, ...options) {
  const other = await startPortal(...options);
  t.after(other.stop);
  return other;
}

// A visitor with an empty browser, whose pages are English until they say otherwise.
export async function arrive(t, options = {}) {
  const visitor = await browser.newContext({ locale: "en-GB", ...options });
  t.after(() => visitor.close());
  return visitor;
}

export const open = async (visitor, path = "/", { url } = portal) => {
  const page = await visitor.newPage();
  const response = await page.goto(url + path);
  assert.ok(response.ok(), path);
  return page;
};

export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const json = async (page) => JSON.parse(await page.innerText("body"));

// Each click sends a form, and the page that follows is the portal's start page.
export async function click(page, name) {
  const start = new URL("/", page.url()).href;
  await Promise.all([page.waitForEvent("load"), button(page, name).click()]);
  assert.equal(page.url(), start);
}

export async function signIn(page, user = "anna") {
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password").fill("demo");
  await click(page, "Sign in");
}
