// A script engine of Direct Web Remoting, written from its wire format: what it sends, what it keeps as a cookie and what it
// takes for a reply is as in DWR 3. Whoever loads it puts values in place of the words in `${...}`.

(() => {
  const contextPath = "${contextPath}";
  const cookieAttributes = "${cookieAttributes}";
  const protection = "${scriptTagProtection}";
  const callUrl = "${plainCallHandlerUrl}";

  // The lowest six bits first.
  const tokenify = (number) => {
    const digits = "1234567890abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ*$";
    let token = "";
    for (let rest = Math.floor(number); rest > 0; rest = Math.floor(rest / 64)) token += digits[rest % 64];
    return token;
  };
  const pageId = `${tokenify(Date.now())}-${tokenify(Math.random() * 1e16)}`;

  // The id, once this page has one: it takes no other.
  let id = null;
  const keep = (found) => {
    id = found;
    const path = cookieAttributes.startsWith("path=") ? "" : `; path=${contextPath || "/"}`;
    const more = cookieAttributes ? `; ${cookieAttributes}` : "";
    document.cookie = `DWRSESSIONID=${id}${path}${more}`;
  };
  const adopt = () => {
    const found = id === null ? /(?:^|; )DWRSESSIONID=([^;]+)/.exec(document.cookie) : null;
    if (found) keep(found[1]);
  };

  const marshalled = (value) => {
    if (value === null || value === undefined) return "null:null";
    if (typeof value === "string") return `string:${encodeURIComponent(value)}`;
    if (typeof value === "number" || typeof value === "boolean") return `${typeof value}:${value}`;
    throw new Error(`a parameter of the type ${typeof value} is not written here`);
  };

  const sent = new Map();
  let count = 0;
  let collecting = null;

  const fail = (batch, error) => {
    sent.delete(batch.batchId);
    const handler = batch.errorHandler ?? batch.calls.find((call) => call.errorHandler)?.errorHandler;
    if (!handler) throw new Error(error.message);
    handler(error.message, error);
  };

  const body = (batch) => {
    const lines = [`callCount=${batch.calls.length}`];
    if (!batch.asksForId) lines.push("nextReverseAjaxIndex=0");
    batch.calls.forEach(({ script, method, parameters }, at) => {
      lines.push(`c${at}-scriptName=${script}`, `c${at}-methodName=${method}`, `c${at}-id=${at}`);
      parameters.forEach((value, number) => lines.push(`c${at}-param${number}=${marshalled(value)}`));
    });
    lines.push(`batchId=${batch.batchId}`, `instanceId=${instanceId}`);
    lines.push(`page=${encodeURIComponent(location.pathname + location.search)}`);
    lines.push(`scriptSessionId=${id === null ? "" : `${id}/${pageId}`}`);
    return `${lines.join("\n")}\n`;
  };

  const receive = (batch, request) => {
    const reply = request.responseText;
    if (request.status !== 200) {
      fail(batch, { name: `dwr.engine.http.${request.status}`, message: request.statusText });
    } else if (!/^text\/(plain|javascript)/.test(request.getResponseHeader("Content-Type"))) {
      fail(batch, { name: "dwr.engine.invalidMimeType", message: "Invalid content type" });
    } else if (!reply.includes("//#DWR")) {
      fail(batch, { name: "dwr.engine.invalidReply", message: "Invalid reply from server" });
    } else {
      const script = reply.startsWith(protection) ? reply.slice(protection.length) : reply;
      // Not in this scope: a reply reaches the engine by its number among those of the window.
      (0, eval)(script);
      if (sent.has(batch.batchId)) fail(batch, { name: "dwr.engine.incompleteReply", message: "Incomplete reply" });
    }
  };

  const post = (batch) => {
    batch.batchId = String(count++);
    sent.set(batch.batchId, batch);
    const [first, ...others] = batch.calls;
    const file = others.length === 0 ? `${first.script}.${first.method}` : `Multiple.${batch.calls.length}`;
    const pathParameters = /;[^?#]*/.exec(location.href)?.[0] ?? "";
    const request = new XMLHttpRequest();
    request.open("POST", `${batch.path}${callUrl}${file}.dwr${pathParameters}`, true);
    request.setRequestHeader("Content-Type", "text/plain");
    request.onload = () => receive(batch, request);
    request.onerror = () => fail(batch, { name: "dwr.engine.http.0", message: "no reply" });
    request.send(body(batch));
  };

  const send = (batch) => {
    adopt();
    if (id !== null) {
      post(batch);
      return;
    }
    const callback = (made) => {
      // The reply may have brought the cookie along.
      adopt();
      if (id === null) keep(made);
      post(batch);
    };
    const call = { script: "__System", method: "generateId", parameters: [], callback };
    post({ path: batch.path, asksForId: true, errorHandler: (message, error) => fail(batch, error), calls: [call] });
  };

  // What a batch still waits for; with the last answer it is done.
  const answered = (batchId, callId, take) => {
    const batch = sent.get(batchId);
    const call = batch.calls[Number(callId)];
    batch.open = (batch.open ?? batch.calls.length) - 1;
    if (batch.open === 0) sent.delete(batchId);
    take(call, batch);
  };
  const remote = {
    handleCallback: (batchId, callId, data) => answered(batchId, callId, (call) => call.callback?.(data)),
    handleException: (batchId, callId, error) =>
      answered(batchId, callId, (call, batch) => {
        const handler = call.exceptionHandler ?? call.errorHandler ?? batch.errorHandler;
        handler(error.message, error);
      }),
    // Without its id it is the batch that waits.
    handleBatchException: (error, batchId) => fail(sent.get(batchId) ?? [...sent.values()].at(-1), error),
  };

  const engine = {
    remote,
    beginBatch: () => {
      collecting = [];
    },
    endBatch: (options = {}) => {
      const calls = collecting;
      collecting = null;
      send({ ...options, path: calls[0].path, calls });
    },
    _execute: (path, script, method, values) => {
      const parameters = [...values];
      const last = parameters.at(-1);
      let options = {};
      if (typeof last === "function") options = { callback: parameters.pop() };
      else if (typeof last === "object" && last !== null) options = parameters.pop();
      const call = { ...options, path, script, method, parameters };
      if (collecting) collecting.push(call);
      else send({ path, calls: [call] });
    },
  };

  const dwr = { engine };
  window.dwr ??= dwr;
  window.dwr._ ??= [];
  const instanceId = window.dwr._.push(dwr) - 1;
  // A cookie that is there is taken over when the page loads, and written back.
  adopt();
})();
