// The Markup's Blacklight with the Chromium of this machine: node blacklight.mjs URL CHROMIUM
//
// It looks at a page and at one that this links to, with Global Privacy Control, and prints what it has found as JSON. It is
// a program of its own since it leaves timers running.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import blacklight from "@themarkup/blacklight-collector";

const [url, puppeteerExecutablePath] = process.argv.slice(2);
const outDir = mkdtempSync(join(tmpdir(), "blacklight-"));
// It tells its progress where the findings go.
console.log = console.error;
try {
  const { status, browsing_history, hosts, reports } = await blacklight.collect(url, {
    outDir,
    puppeteerExecutablePath,
    headers: { "Sec-GPC": "1" },
    numPages: 1,
    captureHar: false,
    saveScreenshots: false,
    defaultWaitUntil: "load",
    defaultTimeout: 15_000,
  });
  const { cookies, ...others } = reports;
  const findings = Object.fromEntries(Object.entries(others).filter(([, found]) => holds(found)));
  const found = { status, visited: browsing_history, thirdParties: hosts.requests.third_party, cookies, findings };
  process.stdout.write(JSON.stringify(found), () => process.exit());
} finally {
  rmSync(outDir, { recursive: true, force: true });
}

// A report without findings is a list or an object of empty ones.
function holds(found) {
  return found !== null && typeof found === "object" ? Object.values(found).some(holds) : found !== undefined;
}
