// Starts the portal for one test file, and stops it by its own process id.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const binary = process.env.PORTAL ?? join(target, "debug", "examples", "portal");
// Worth nothing: the portals that it signs for live as long as one test.
const keys = "6f".repeat(32);

export async function startPortal(...options) {
  const portal = spawn(binary, ["--lab", "--listen", "127.0.0.1:0", ...options], {
    env: { ...process.env, COOKIE_KEYS: keys },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(portal, "spawn");
  // While it runs, its id lies in this folder, so that whoever started the tests can end it.
  const mark = process.env.SERVERS && join(process.env.SERVERS, String(portal.pid));
  if (mark) writeFileSync(mark, "");
  const stop = async () => {
    if (portal.exitCode === null && portal.signalCode === null) {
      portal.kill();
      await once(portal, "exit");
    }
    if (mark) rmSync(mark, { force: true });
  };
  const [line] = await Promise.race([
    once(createInterface(portal.stdout), "line"),
    once(portal, "exit").then(() => ["nothing: it has ended"]),
  ]);
  const url = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
  if (!url) {
    await stop();
    throw new Error(`the portal says ${line}`);
  }
  return { url, stop };
}

// The rows of `/cookies.json`, by name.
export async function declaredRows(url) {
  const { cookies } = await (await fetch(`${url}/cookies.json`)).json();
  return new Map(cookies.map((row) => [row.name, row]));
}
