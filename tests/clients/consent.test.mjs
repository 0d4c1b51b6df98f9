// Debian's Chromium: a visitor is asked, decides, and decides otherwise, and the browser's own jar goes by that.

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrive, button, click, json, open, portal } from "./chromium.mjs";
import { elsewhere } from "./elsewhere.mjs";
import { declaredRows } from "./portal.mjs";

const DAY = 86_400;
const REFUSED = { decided: true, granted: [] };
const UNDECIDED = { decided: false, granted: [] };
const banner = (page) => page.locator(".cookie-policy-banner");
const names = async (visitor) => (await visitor.cookies()).map(({ name }) => name).sort();

async function consent(visitor) {
  const page = await open(visitor, "/whoami");
  const { consent: decision } = await json(page);
  // Browsers hurry with what is in front alone.
  await page.close();
  return decision;
}

// Sends a form; what it is answered with, before any redirect is followed.
async function send(page, name) {
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await Promise.all([answered, page.waitForEvent("load"), button(page, name).click()]);
  return (await answered).status();
}

for (const javaScriptEnabled of [true, false]) {
  const script = `script ${javaScriptEnabled ? "on" : "off"}`;
  const arriving = (t, options) => arrive(t, { javaScriptEnabled, ...options });

  test(`who looks around is asked on each page and stays undecided, ${script}`, async (t) => {
    const visitor = await arriving(t);
    const page = await open(visitor);
    for (const path of ["/", "/privacy", "/account", "/nowhere", "/"]) {
      await page.goto(portal.url + path);
      assert.equal(await banner(page).count(), 1, path);
    }
    // The pages on which one decides ask by the form that is there.
    for (const path of ["/cookies", "/cookies/consent"]) {
      await page.goto(portal.url + path);
      assert.equal(await banner(page).count(), 0, path);
      assert.equal(await page.locator("[name=decision][value=save]").count(), 1, path);
    }
    assert.deepEqual(await names(visitor), []);
    assert.deepEqual(await consent(visitor), UNDECIDED);
  });

  test(`the page can be used before anything is decided, ${script}`, async (t) => {
    const visitor = await arriving(t);
    const page = await open(visitor);
    await click(page, "Add to cart: Desk phone");
    await click(page, "Dark");
    assert.equal(await banner(page).count(), 1);
    await page.getByRole("navigation").getByRole("link", { name: "Call forwarding" }).click();
    await page.waitForURL(`${portal.url}/account`);
    assert.deepEqual(await json(await open(visitor, "/cart")), { cart: "desk-phone" });
    const needed = await names(visitor);
    for (const name of ["cookie_consent", "portal_stats", "promo_summer"]) assert.ok(!needed.includes(name), name);
    assert.deepEqual(await consent(visitor), UNDECIDED);
  });

  test(`who accepts gets what was declared, for as long, ${script}`, async (t) => {
    const visitor = await arriving(t);
    const start = Date.now() / 1000;
    const page = await open(visitor);
    await click(page, "Accept all");
    const end = Date.now() / 1000;
    assert.equal(await banner(page).count(), 0);
    const rows = await declaredRows(portal.url);
    const cookies = await visitor.cookies();
    const days = { cookie_consent: 180, portal_stats: 30, promo_summer: 90 };
    assert.deepEqual(cookies.map(({ name }) => name).sort(), Object.keys(days));
    for (const { name, path, expires, ...attributes } of cookies) {
      const row = rows.get(name.replace("promo_summer", "promo_*"));
      assert.equal(row.max_age, days[name] * DAY, name);
      assert.ok(expires >= start + row.max_age - 2 && expires <= end + row.max_age + 2, name);
      assert.equal(path, "/", name);
      assert.equal(attributes.httpOnly, row.attributes.http_only, name);
      assert.equal(attributes.secure, true, name);
      assert.equal(attributes.sameSite, "Lax", name);
    }
    assert.deepEqual(await consent(visitor), { decided: true, granted: ["statistics", "marketing"] });
    assert.ok((await page.getByRole("main").innerText()).includes("Summer offer"));
  });

  test(`who refuses is not asked again and gets nothing but that, for as long, ${script}`, async (t) => {
    const visitor = await arriving(t);
    const page = await open(visitor);
    await click(page, "Reject all");
    for (const path of ["/", "/privacy", "/account", "/nowhere", "/"]) {
      await page.goto(portal.url + path);
      assert.equal(await banner(page).count(), 0, path);
    }
    const [cookie, ...others] = await visitor.cookies();
    assert.equal(cookie.name, "cookie_consent");
    assert.ok(Math.abs(cookie.expires - Date.now() / 1000 - 180 * DAY) < 120);
    assert.deepEqual(others, []);
    assert.deepEqual(await consent(visitor), REFUSED);
  });

  test(`the decision leads back to where it was made, ${script}`, async (t) => {
    const visitor = await arriving(t);
    const page = await open(visitor, "/privacy?from=a&to=b");
    await send(page, "Reject all");
    assert.equal(page.url(), `${portal.url}/privacy?from=a&to=b`);
    const other = await open(await arriving(t), "/privacy");
    await button(other, "Cookie settings").click();
    await other.waitForURL(/\/cookies\/consent/);
    await send(other, "Save selection");
    assert.equal(other.url(), `${portal.url}/privacy`);
  });

  test(`the settings grant what is ticked, keep it ticked, and take it back, ${script}`, async (t) => {
    const visitor = await arriving(t);
    const page = await open(visitor, "/cookies/consent");
    await page.getByLabel("Statistics").check();
    assert.equal(await send(page, "Save selection"), 303);
    assert.deepEqual(await consent(visitor), { decided: true, granted: ["statistics"] });
    await page.goto(portal.url);
    assert.deepEqual(await names(visitor), ["cookie_consent", "portal_stats"]);

    await page.goto(`${portal.url}/cookies/consent`);
    assert.equal(await page.getByLabel("Statistics").isChecked(), true);
    assert.equal(await page.getByLabel("Marketing").isChecked(), false);
    await page.getByLabel("Marketing").check();
    await page.getByLabel("Statistics").uncheck();
    await send(page, "Save selection");
    assert.deepEqual(await consent(visitor), { decided: true, granted: ["marketing"] });
    await page.goto(portal.url);
    assert.deepEqual(await names(visitor), ["cookie_consent", "promo_summer"]);
  });

  test(`what is withdrawn is gone from the jar at once, whoever put it there, ${script}`, async (t) => {
    const visitor = await arriving(t);
    const page = await open(visitor);
    await click(page, "Accept all");
    await click(page, "Add to cart: Desk phone");
    const planted = [
      { name: "portal_stats", httpOnly: false },
      { name: "promo_x", httpOnly: true },
      { name: "promo_script", httpOnly: false },
    ];
    const place = { value: "planted", domain: "127.0.0.1", path: "/" };
    await visitor.addCookies(planted.map((cookie) => ({ ...place, ...cookie })));
    await page.evaluate(() => cookieStore.set({ name: "promo_part", value: "planted", partitioned: true }));
    const before = await names(visitor);
    for (const name of ["promo_part", ...planted.map((cookie) => cookie.name)]) assert.ok(before.includes(name), name);
    await page.goto(`${portal.url}/cookies/consent`);
    await send(page, "Reject all");
    const after = await names(visitor);
    assert.deepEqual(after, before.filter((name) => !/^(portal_stats|promo_)/.test(name)));
    assert.ok(after.includes("cart"));
    assert.deepEqual(await consent(visitor), REFUSED);
  });

  test(`what is planted after the refusal is not read, ${script}`, async (t) => {
    const visitor = await arriving(t);
    const page = await open(visitor);
    await click(page, "Reject all");
    await visitor.addCookies(["portal_stats", "promo_x"].map((name) => ({ name, value: "7", url: portal.url })));
    const { cookies } = await json(await open(visitor, "/lab/echo"));
    assert.deepEqual(cookies.map(([name]) => name), ["cookie_consent"]);
  });

  test(`a decision on what is not shown any more is no decision, ${script}`, async (t) => {
    const visitor = await arriving(t);
    for (const [path, name] of [["/", "Accept all"], ["/", "Reject all"], ["/cookies/consent", "Save selection"]]) {
      const page = await open(visitor, path);
      await page.evaluate(() => (document.querySelector("[name=revision]").value = "older"));
      assert.equal(await send(page, name), 409);
      assert.equal(page.url(), `${portal.url}/cookies/consent`);
      assert.ok((await page.getByRole("alert").innerText()).includes("your choice was not taken"));
      assert.equal(await page.locator(":checked").count(), 0);
      assert.deepEqual(await visitor.cookies(), []);
    }
    const page = await open(visitor, "/privacy");
    await page.evaluate(() => (document.querySelector("[name=revision]").value = "older"));
    await send(page, "Accept all");
    await page.getByLabel("Statistics").check();
    assert.equal(await send(page, "Save selection"), 303);
    assert.equal(page.url(), `${portal.url}/privacy`);
    assert.deepEqual(await consent(visitor), { decided: true, granted: ["statistics"] });
  });
}

for (const [whose, host] of [["another site", "localhost"], ["another port of this host", "127.0.0.1"]]) {
  test(`a form that ${whose} sends decides nothing`, async (t) => {
    const { revision } = await (
      await fetch(`${portal.url}/cookies/consent`, { headers: { accept: "application/json" } })
    ).json();
    const fields = (decision) =>
      Object.entries({ decision, revision, return_to: "/" })
        .map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
        .join("");
    const trap = (decision) =>
      `<form method="post" action="${portal.url}/cookies/consent">${fields(decision)}</form>` +
      "<script>document.forms[0].submit()</script>";
    const fallInto = async (visitor, decision) => {
      const page = await visitor.newPage();
      const answered = page.waitForResponse((response) => response.request().method() === "POST");
      await page.goto(await elsewhere(t, host, trap(decision)));
      assert.equal((await answered).status(), 403);
    };
    const visitor = await arrive(t);
    await fallInto(visitor, "accept");
    assert.deepEqual(await visitor.cookies(), []);
    assert.deepEqual(await consent(visitor), UNDECIDED);

    await click(await open(visitor), "Accept all");
    const before = await visitor.cookies(portal.url);
    await fallInto(visitor, "reject");
    assert.deepEqual(await visitor.cookies(portal.url), before);
    assert.deepEqual(await consent(visitor), { decided: true, granted: ["statistics", "marketing"] });
  });
}

test("the browser's objection outweighs a consent, and takes nothing back for good", async (t) => {
  const visitor = await arrive(t, { extraHTTPHeaders: { "Sec-GPC": "1" } });
  const page = await open(visitor);
  assert.ok(!(await banner(page).innerText()).includes("Marketing"));
  await click(page, "Accept all");
  assert.deepEqual(await names(visitor), ["cookie_consent", "portal_stats"]);
  assert.deepEqual(await consent(visitor), { decided: true, granted: ["statistics"] });

  const other = await arrive(t);
  await click(await open(other), "Accept all");
  const all = await consent(other);
  await other.setExtraHTTPHeaders({ "Sec-GPC": "1" });
  assert.deepEqual(await consent(other), { decided: true, granted: ["statistics"] });
  await open(other);
  await other.setExtraHTTPHeaders({});
  assert.deepEqual(await consent(other), all);
});

test("nothing is ticked beforehand", async (t) => {
  for (const locale of ["en-GB", "de-DE"]) {
    const visitor = await arrive(t, { locale });
    for (const path of ["/", "/cookies", "/cookies/consent", "/privacy"]) {
      const page = await open(visitor, path);
      assert.equal(await page.locator(":checked, [checked], [aria-checked=true]").count(), 0, path);
    }
  }
});

// What a visitor sees of a button, computed.
const look = (element) => {
  const style = getComputedStyle(element);
  const { width, height } = element.getBoundingClientRect();
  const own = ["fontSize", "fontWeight", "fontFamily", "color", "backgroundColor", "opacity"];
  const border = ["borderTopColor", "borderTopWidth", "borderTopStyle", "borderTopLeftRadius", "boxShadow"];
  const rest = ["textDecorationLine", "textTransform", "cursor", "visibility", "filter"];
  return {
    tag: element.localName,
    size: [width, height],
    ...Object.fromEntries([...own, ...border, ...rest].map((property) => [property, style[property]])),
  };
};

// WCAG 2.2, contrast ratio, of two opaque colours.
function contrast(...colours) {
  const luminance = (colour) => {
    const channels = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour).slice(1);
    const [red, green, blue] = channels.map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [darker, lighter] = colours.map(luminance).sort((one, other) => one - other);
  return (lighter + 0.05) / (darker + 0.05);
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 640, 320]) {
    test(`to refuse looks exactly as to accept, at ${width} pixels and ${colorScheme}`, async (t) => {
      for (const [locale, accept, reject] of [
        ["en-GB", "Accept all", "Reject all"],
        ["de-DE", "Alle akzeptieren", "Alle ablehnen"],
      ]) {
        const visitor = await arrive(t, { colorScheme, locale, viewport: { width, height: 800 } });
        for (const path of ["/", "/privacy", "/cookies/consent", "/cookies"]) {
          const page = await open(visitor, path);
          const [one, other] = await Promise.all([accept, reject].map((name) => button(page, name).evaluate(look)));
          // Browsers lay out in 64ths of a pixel.
          for (const side of [0, 1]) assert.ok(Math.abs(one.size[side] - other.size[side]) < 0.1, path);
          assert.deepEqual({ ...other, size: one.size }, one, path);
          assert.equal(one.tag, "button");
          assert.equal(one.opacity, "1");
          assert.ok(one.size[1] >= 24, `${one.size[1]} pixels high`);
          const ratio = contrast(one.color, one.backgroundColor);
          assert.ok(ratio >= 4.5, `${path}: contrast ${ratio}`);
          // Neither stands apart: one follows the other, in one form.
          const next = await button(page, accept).evaluate((element) => element.nextElementSibling.innerText);
          assert.equal(next, reject);
        }
      }
    });
  }
}
