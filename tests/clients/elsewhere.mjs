// Somebody else's site, for one test.

import { once } from "node:events";
import { createServer } from "node:http";

// Each of its addresses has this page.
export async function elsewhere(t, host, html, policy = "no-referrer-when-downgrade") {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html", "referrer-policy": policy });
    response.end(html);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${host}:${server.address().port}/`;
}
