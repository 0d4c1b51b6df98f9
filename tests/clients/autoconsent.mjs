// DuckDuckGo's autoconsent in a page: it looks for a banner, refuses, and looks again.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { resolve } = createRequire(import.meta.url);
const rules = JSON.parse(readFileSync(resolve("@duckduckgo/autoconsent/rules/rules.json"), "utf8"));
// The build for Playwright lies beside the main file.
const script = readFileSync(
  new URL("autoconsent.playwright.js", `file://${resolve("@duckduckgo/autoconsent")}`),
  "utf8",
);
const config = {
  enabled: true,
  autoAction: "optOut",
  disabledCmps: [],
  enablePrehide: true,
  enableCosmeticRules: true,
  enableGeneratedRules: true,
  enableHeuristicDetection: true,
  heuristicMode: "reject",
  heuristicPopupSearchTimeout: 1000,
  detectRetries: 1,
  isMainWorld: false,
  prehideTimeout: 2000,
};
const PATIENCE = 30_000;

// What it has said on the page, and on those that its clicks led to, until it finds nothing more.
export async function refuse(page, url) {
  const said = [];
  let end;
  const ended = new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`no end of it: ${JSON.stringify(said)}`)), PATIENCE);
    end = () => done(clearTimeout(timer));
  });
  const reply = (message) =>
    // A page that its click has ended needs no answer.
    page.evaluate((sent) => window.autoconsentReceiveMessage(sent), message).catch(() => {});
  await page.exposeFunction("autoconsentSendMessage", (message) => {
    said.push(message);
    if (message.type === "init") reply({ type: "initResp", config, rules });
    if (message.type === "eval") {
      const answer = (result) => reply({ type: "evalResp", id: message.id, result });
      page.evaluate(message.code).then(answer, () => answer(false));
    }
    if (message.type === "report" && message.state.lifecycle === "nothingDetected") end();
  });
  await page.addInitScript(script);
  await page.goto(url);
  await ended;
  const of = (type) => said.filter((message) => message.type === type);
  return {
    popups: of("popupFound").length,
    clicks: of("autoconsentDone").map(({ totalClicks }) => totalClicks),
    hidden: of("autoconsentDone").some(({ isCosmetic }) => isCosmetic),
    errors: of("autoconsentError"),
  };
}
