// GDPR cookie scanner with the Chromium of this machine.

import { scan as judge } from "@slashgear/gdpr-cookie-scanner";
import { chromium } from "playwright";

const launch = chromium.launch.bind(chromium);

// It looks at the page, refuses, and in another browser accepts.
export async function scan(url, executablePath, options = {}) {
  chromium.launch = (own) => launch({ ...own, executablePath });
  try {
    return await judge(url, { locale: "en-GB", timeout: 15_000, ...options });
  } finally {
    chromium.launch = launch;
  }
}
