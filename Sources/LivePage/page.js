"use strict";

// What comes from the server is put into the page as text (textContent), never as markup: names, rules and clients are
// whatever somebody has sent.

const element = (id) => document.getElementById(id);
const rows = 200; // decisions on the page

/** A new element with a class, a text, and children. */
function make(tag, className, text, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  node.append(...children);
  return node;
}

/** Without the final dot, but for the root. */
const bare = (name) => (name.length > 1 ? name.replace(/(?<!\\)\.$/, "") : name);
const words = { BLOCK: "blocked", ALERT: "alert", ALLOW: "allowed", FAIL: "no verdict", REFUSE: "refused" };
const kinds = { BLOCK: "block", ALERT: "alert", ALLOW: "allow", FAIL: "block", REFUSE: "block" };

let silence;

/** Says something for a moment, to everybody. */
function say(text) {
  element("status").textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => { element("status").textContent = ""; }, 6000);
}

function number(value) {
  if (value >= 1e6) return (value / 1e6).toFixed(1) + " M";
  if (value >= 1e4) return (value / 1e3).toFixed(1) + " k";
  return String(value);
}

function ago(date) {
  const seconds = Math.max(0, (Date.now() - Date.parse(date)) / 1000);
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? [null, 1];
  if (!unit) return "just now";
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

// MARK: - Asking the server

const server = { signer: null, needsKey: false };

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Sends a request to what is under /api/v1/, signed where there is a key. */
async function send(method, name, parameters = [], options = {}) {
  const path = "/api/v1/" + name;
  const query = RequestSigner.query(parameters);
  const body = method === "POST" ? "{}" : "";
  const headers = server.signer ? await server.signer.headers(method, path, query, body) : {};
  if (body) headers["content-type"] = "application/json";
  const url = path + (query ? "?" + query : "");
  const answer = await fetch(url, { method, headers, body: body || undefined, cache: "no-store", ...options });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 403 && method === "GET") askForKey(told.error);
  throw new Refusal(answer.status, told.error ?? `answered with status ${answer.status}`);
}

const get = async (name, parameters) => (await send("GET", name, parameters)).json();

// MARK: - Signing in

function askForKey(reason) {
  const wasNeeded = server.needsKey;
  server.needsKey = true;
  element("key-open").hidden = false;
  setState("lost", "sign in to see");
  if (server.signer) {
    server.signer = null;
    element("keys-error").textContent = reason;
    element("keys-error").hidden = false;
  }
  if (!wasNeeded || reason && element("keys").open) openKeys();
}

function openKeys() {
  element("keys-unable").hidden = RequestSigner.isAble;
  for (const input of element("keys-form").elements) input.disabled = !RequestSigner.isAble;
  if (!element("keys").open) element("keys").showModal();
}

element("key-open").addEventListener("click", () => {
  if (!server.signer) return openKeys();
  server.signer = null;
  location.reload();
});

element("keys-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [id, secret, region] = ["key-id", "key-secret", "key-region"].map((name) => element(name).value.trim());
  element("keys-error").hidden = true;
  server.signer = new RequestSigner(id, secret, region);
  try {
    await get("overview", [["seconds", "1"]]);
  } catch {
    return; // said in the dialogue
  }
  element("key-secret").value = "";
  element("keys").close();
  element("key-open").textContent = "Sign out";
  refresh();
  refreshFeeds();
  watch();
});

for (const name of ["panel", "keys"]) {
  element(name + "-close").addEventListener("click", () => element(name).close());
  // A click on the backdrop is one on the dialogue itself.
  element(name).addEventListener("click", (event) => { if (event.target === element(name)) element(name).close(); });
}

// MARK: - Numbers

let seconds = 300;

async function refresh() {
  if (document.hidden || (server.needsKey && !server.signer)) return;
  try {
    const overview = await get("overview", [["seconds", String(seconds)]]);
    showOverview(overview);
  } catch (error) {
    if (!(error instanceof Refusal)) setState("lost", "not connected");
  }
}

function showOverview({ version, started, decisions }) {
  const { rates, totals } = decisions;
  const sum = (values) => values.reduce((sum, value) => sum + value, 0);
  const minute = sum(rates.queries.slice(-60));
  const share = (values) => (minute > 0 ? Math.round((100 * sum(values.slice(-60))) / minute) + " %" : "–");
  const rate = sum(rates.queries.slice(-10)) / Math.max(1, Math.min(10, rates.queries.length));
  element("now-queries").textContent = rate < 10 ? rate.toFixed(1) : number(Math.round(rate));
  element("now-blocked").textContent = share(rates.blocked);
  element("now-alerted").textContent = share(rates.alerted);
  element("now-cached").textContent = share(rates.cacheHits);
  drawChart(rates);
  showTop("top-names", decisions.topNames, (row) => ({ text: bare(row.name), count: row.count }), "Nothing was blocked in the last hour.");
  showTop("top-clients", decisions.topClients, (row) => ({
    text: row.client, count: row.count, sub: row.blocked ? `${number(row.blocked)} blocked` : "",
  }), "Nobody has asked in the last hour.");
  showTop("top-rules", decisions.topRules, (row) => ({
    text: row.rule.name, count: row.count, sub: row.rule.name.includes(row.rule.list) ? "" : row.rule.list, kind: kinds[row.rule.action],
  }), "No rule has blocked or alerted in the last hour.");
  const isPart = decisions.seenCount < totals.queries * 0.97;
  element("sample").hidden = !isPart;
  if (isPart) {
    const part = Math.max(1, Math.round((100 * decisions.seenCount) / totals.queries));
    element("sample").textContent = `These lists are of a sample: ${part} % of all queries since the start. The chart counts each one.`;
  }
  element("version").textContent = `Sekisho ${version}, started ${ago(started)}`;
  element("totals").textContent =
    `${number(totals.queries)} queries, ${number(totals.blocked)} blocked, ${number(totals.alerted)} alerts, ${number(totals.servFail)} SERVFAIL`;
}

function showTop(id, values, describe, empty) {
  const list = element(id);
  const described = values.map(describe);
  const most = Math.max(1, ...described.map((row) => row.count));
  if (described.length === 0) return list.replaceChildren(make("li", "empty", empty));
  list.replaceChildren(...described.map((row) => {
    const fill = make("span", "bar-fill");
    fill.style.width = (100 * row.count) / most + "%";
    const label = make("span", "label", null, make("bdi", "", row.text));
    label.title = row.text;
    if (row.sub) label.append(" ", make("bdi", "sub", row.sub));
    return make("li", row.kind, null, fill, label, make("span", "number", number(row.count)));
  }));
}

// MARK: - Chart

const width = 600;
const height = 160;

function drawChart({ queries, blocked, alerted }) {
  const step = Math.max(1, Math.round(seconds / 300));
  const means = (values) => {
    const sums = [];
    for (let end = values.length; end > 0; end -= step) {
      const part = values.slice(Math.max(0, end - step), end);
      sums.unshift(part.reduce((sum, value) => sum + value, 0) / part.length);
    }
    return sums;
  };
  const [all, red, amber] = [queries, blocked, alerted].map(means);
  const places = Math.max(2, Math.round(seconds / step));
  const most = Math.max(1, ...all);
  const chart = element("chart");
  const layers = [["allow", all], ["alert", red.map((value, index) => value + amber[index])], ["block", red]];
  const grid = [0.5, 1].map((part) => svg("line", { class: "grid", x1: 0, x2: width, y1: height * (1 - part * 0.92), y2: height * (1 - part * 0.92) }));
  chart.replaceChildren(...grid, ...layers.map(([name, values]) => svg("path", { class: name, d: area(values, places, most) })));
  const shown = seconds >= 3600 ? "1 hour" : `${seconds / 60} min`;
  element("chart-start").textContent = `${shown} ago`;
  element("chart-top").textContent = `highest ${number(Math.round(most))} a second`;
  const mean = (values) => (values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)).toFixed(1);
  chart.setAttribute("aria-label",
    `Queries a second in the last ${shown}: ${mean(queries)} on average, ${number(Math.round(most))} at most; ${mean(blocked)} blocked, ${mean(alerted)} alerts.`);
}

function area(values, places, most) {
  const x = (index) => (width * (index + places - values.length)) / places;
  const y = (value) => height - (height * 0.92 * value) / most;
  if (values.length === 0) return "";
  const steps = values.map((value, index) => `L${x(index).toFixed(1)} ${y(value).toFixed(1)}H${x(index + 1).toFixed(1)}`);
  return `M${x(0).toFixed(1)} ${height}${steps.join("")}V${height}Z`;
}

function svg(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** Makes one button of a group the pressed one. */
function choose(buttons, chosen) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button === chosen));
}

const spans = [...document.querySelectorAll("[data-seconds]")];
for (const button of spans) {
  button.addEventListener("click", () => {
    seconds = Number(button.dataset.seconds);
    choose(spans, button);
    refresh();
  });
}

// MARK: - Decisions

const list = element("decisions");
const stream = { abort: null, isPaused: false, waiting: [], missed: 0, retry: 1000 };

function setState(state, text) {
  element("state").dataset.state = state;
  element("state-text").textContent = text;
}

/** Opens the stream anew, with the filter as it is. */
async function watch() {
  stream.abort?.abort();
  const abort = new AbortController();
  stream.abort = abort;
  list.replaceChildren();
  stream.waiting = [];
  stream.missed = 0;
  showNothing();
  const parameters = [["recent", "100"]];
  const action = document.querySelector("[data-action][aria-pressed=true]").dataset.action;
  if (action) parameters.push(["action", action]);
  const text = element("filter").value.trim();
  if (text) parameters.push(["text", text]);
  try {
    const answer = await send("GET", "stream", parameters, { signal: abort.signal });
    stream.retry = 1000;
    if (!stream.isPaused) setState("live", "live");
    await readEvents(answer.body.pipeThrough(new TextDecoderStream()).getReader());
  } catch (error) {
    if (abort.signal.aborted || (server.needsKey && !server.signer)) return;
    if (error instanceof Refusal) say(error.message);
  }
  if (abort.signal.aborted) return;
  setState("lost", "not connected");
  setTimeout(() => { if (stream.abort === abort) watch(); }, stream.retry);
  stream.retry = Math.min(2 * stream.retry, 15000);
}

/** Server-Sent Events: lines of `field: value`, an event ends with an empty line. */
async function readEvents(reader) {
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) takeEvent(event.split("\n"));
  }
}

function takeEvent(lines) {
  const field = (name) => lines.filter((line) => line.startsWith(name + ": ")).map((line) => line.slice(name.length + 2)).join("\n");
  const data = field("data");
  if (!data) return;
  if (field("event") === "missed") {
    stream.missed += Number(data);
  } else {
    stream.waiting.push(JSON.parse(data));
    if (stream.waiting.length > rows) {
      stream.waiting.shift();
      if (isHeld()) stream.missed += 1;
    }
  }
  requestAnimationFrame(showWaiting);
}

/** Nothing moves under somebody's pointer or focus. */
const isHeld = () => stream.isPaused || list.matches(":hover") && hovers.matches || list.contains(document.activeElement) || element("panel").open;
const hovers = matchMedia("(hover: hover)");

function showWaiting() {
  const isHeldNow = isHeld();
  const count = stream.waiting.length;
  element("held").hidden = !(isHeldNow && count > 0) && stream.missed === 0;
  const held = isHeldNow && count > 0 ? `${count === rows ? count + " or more" : count} new` : "";
  const missed = stream.missed > 0 ? `${number(stream.missed)} not shown` : "";
  element("held").textContent = [held, missed].filter(Boolean).join(", ");
  if (isHeldNow || count === 0) return;
  const isAtTop = list.scrollTop < 4;
  const nodes = stream.waiting.splice(0).reverse().map(row);
  list.prepend(...nodes);
  while (list.children.length > rows) list.lastElementChild.remove();
  rove(list.querySelector(".decision"));
  if (isAtTop) list.scrollTop = 0;
  showNothing();
}

function showNothing() {
  const isFiltered = element("filter").value.trim() || document.querySelector("[data-action][aria-pressed=true]").dataset.action;
  element("nothing").hidden = list.children.length > 0;
  element("nothing").textContent = isFiltered ? "Nothing fits the filter." : "Nothing has been asked yet.";
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

function row(decision) {
  const button = make("button", "decision new", null,
    make("span", "time", clock.format(new Date(decision.time))),
    make("span", "badge " + kinds[decision.action], words[decision.action]),
    make("bdi", "name", bare(decision.name)),
    make("span", "type", decision.type),
    make("span", "client", decision.client),
    make("bdi", "rule", decision.rule?.name ?? ""));
  button.type = "button";
  button.tabIndex = -1;
  button.title = bare(decision.name);
  button.addEventListener("click", () => explainDecision(decision));
  return make("li", "", null, button);
}

/** One row alone is reached with Tab; the arrow keys go from there. */
function rove(next) {
  for (const button of list.querySelectorAll(".decision[tabindex='0']")) button.tabIndex = -1;
  if (next) next.tabIndex = 0;
}

list.addEventListener("focusin", (event) => rove(event.target.closest(".decision")));
list.addEventListener("focusout", () => requestAnimationFrame(showWaiting));
list.addEventListener("pointerleave", () => requestAnimationFrame(showWaiting));
list.addEventListener("keydown", (event) => {
  const buttons = [...list.querySelectorAll(".decision")];
  const index = buttons.indexOf(document.activeElement);
  const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (index < 0 || next === undefined || !buttons[next]) return;
  event.preventDefault();
  buttons[next].focus();
});

element("pause").addEventListener("click", () => {
  stream.isPaused = !stream.isPaused;
  element("pause").setAttribute("aria-pressed", String(stream.isPaused));
  element("pause").textContent = stream.isPaused ? "Go on" : "Pause";
  setState(stream.isPaused ? "paused" : "live", stream.isPaused ? "paused" : "live");
  say(stream.isPaused ? "Paused." : "Decisions are shown again.");
  showWaiting();
});

const actions = [...document.querySelectorAll("[data-action]")];
for (const button of actions) {
  button.addEventListener("click", () => {
    choose(actions, button);
    watch();
  });
}

let typing;
element("filter").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(watch, 300);
});

// MARK: - Explanations

function explainDecision(decision) {
  const facts = [
    ["Asked", `${new Date(decision.time).toLocaleString()} over ${decision.transport}`],
    ["Client", decision.client],
    ["Answer", `${decision.rcode}${decision.isCacheHit ? ", from the cache" : ""}${decision.milliseconds === undefined ? "" : `, after ${decision.milliseconds} ms`}`],
  ];
  if (decision.matchedName) facts.push(["Matched", `${bare(decision.matchedName)}, which its answer redirects to`]);
  if (decision.matchedAddress) facts.push(["Matched", `${decision.matchedAddress} in its answer`]);
  const parameters = [["name", decision.name], ["type", decision.type], ["client", decision.client]];
  if (decision.matchedName) parameters.push(["cname", decision.matchedName]);
  if (decision.matchedAddress) parameters.push(["answer", decision.matchedAddress]);
  explain(decision.name, decision.type, parameters, facts);
}

async function explain(name, type, parameters, facts) {
  const body = element("panel-body");
  element("panel-title").replaceChildren("Why ", make("bdi", "", bare(name)), ` ${type}?`);
  body.replaceChildren(make("p", "hint", "Asking…"));
  if (!element("panel").open) element("panel").showModal();
  element("panel-title").focus();
  try {
    body.replaceChildren(...explanationNodes(await get("explain", parameters), facts));
  } catch (error) {
    body.replaceChildren(make("p", "notice", error.message), factList(facts));
  }
}

function factList(facts) {
  return make("dl", "facts", null, ...facts.flatMap(([term, text]) => [make("dt", "", term), make("dd", "", null, make("bdi", "", text))]));
}

const outcomes = {
  RULE_MATCHED: "matches", NAME_NOT_IN_LIST: "the name is not on its list", QTYPE_MISMATCH: "is about another type",
  TRUSTS_REDIRECTION: "looks at the first name only", LIST_UNAVAILABLE: "its list is not there",
  SHADOWED_BY: "would match, but an earlier one has decided", NOT_REACHED: "not reached",
  UNSUPPORTED_THREAT_PROTECTION: "has no effect here", UNSUPPORTED_CATEGORY: "has no effect here",
  ADDRESS_MATCHED: "is on a list", ADDRESS_NOT_LISTED: "is on no list", NOT_JUDGED: "not looked at",
};

function explanationNodes(explanation, facts) {
  const { action, code, blockResponse, steps, chain, addresses, received, notes } = explanation;
  const verdict = make("p", "verdict", null,
    make("span", "badge " + kinds[action], words[action] ?? action),
    make("span", "hint", [blockResponse && `answered ${blockResponse}`, code].filter(Boolean).join(" · ")));
  const nodes = [verdict, factList([...decisiveFacts(explanation), ...facts])];
  const section = (title, node) => nodes.push(make("h3", "", title), node);
  if (steps?.length) section("Rules, in order", make("ol", "steps", null, ...steps.map(stepNode)));
  if (chain?.length) section("Names that the answer leads to", make("ol", "steps", null, ...chain.map(hopNode)));
  if (addresses?.length) {
    section("Addresses of the answer", make("ol", "steps", null, ...addresses.map((judged) => make("li", judged.rule ? "block" : "", null,
      make("bdi", "", judged.address), make("span", "outcome", outcomes[judged.outcome] ?? judged.outcome)))));
  }
  for (const note of notes ?? []) nodes.push(make("p", "hint", note));
  if (received) section("What the client receives", make("pre", "", received.text));
  return nodes;
}

/** What decided, and who would be asked. */
function decisiveFacts({ rule, entry, entryProblem, vpc, vpcChoice, admission, resolution }) {
  const facts = [];
  if (admission?.code === "CLIENT_NOT_SERVED") facts.push(["Client", "is not served (clients.allow)"]);
  if (rule) facts.push(["Rule", rule]);
  if (entry) facts.push(["Entry", `${entry.entry} ${placeOf(entry)}`]);
  if (entryProblem) facts.push(["Entry", entryProblem]);
  facts.push(["VPC", vpc + (vpcChoice?.cidr ? `, by ${vpcChoice.cidr}` : "")]);
  if (resolution?.upstreams?.length) facts.push(["Would ask", resolution.upstreams.join(", ")]);
  return facts;
}

function placeOf({ feed, file, line, list }) {
  const place = file ? `in ${file}${line ? `, line ${line}` : ""}` : `in ${list}`;
  return feed ? `of the feed ${feed}, ${place}` : place;
}

function stepNode(step) {
  const looksAt = [step.list ?? step.subject, step.qtype && `${step.qtype} only`].filter(Boolean).join(", ");
  const outcome = outcomes[step.outcome] ?? step.outcome;
  return make("li", step.outcome === "RULE_MATCHED" ? kinds[step.action] : "", null,
    make("bdi", "", `${step.priority}. ${step.ruleGroup} / ${step.rule}`),
    make("span", "outcome", null, make("bdi", "", `${step.action} ${looksAt}`), `: ${outcome}`));
}

function hopNode(hop) {
  const kind = { CHAIN_TARGET_BLOCKED: "block", CHAIN_TARGET_ALERT: "alert" }[hop.code] ?? "";
  const by = hop.rule ? ` by ${hop.rule}` : "";
  const entry = hop.entry ? `, ${hop.entry.entry} ${placeOf(hop.entry)}` : "";
  return make("li", kind, null, make("bdi", "", bare(hop.name)), make("span", "outcome", null, make("bdi", "", hop.code + by + entry)));
}

element("try").addEventListener("submit", (event) => {
  event.preventDefault();
  const [name, type, client] = ["try-name", "try-type", "try-client"].map((id) => element(id).value.trim());
  if (!name) return element("try-name").focus();
  const parameters = [["name", name], ["type", type || "A"]];
  if (client) parameters.push(["client", client]);
  explain(name, type || "A", parameters, []);
});

element("panel").addEventListener("close", () => requestAnimationFrame(showWaiting));

// MARK: - Feeds

const conditions = {
  ok: ["allow", "fresh"], empty: ["alert", "no copy yet"], held: ["block", "held back"], failing: ["block", "failing"],
};

async function refreshFeeds() {
  if (document.hidden || (server.needsKey && !server.signer)) return;
  try {
    const feeds = await get("feeds");
    element("no-feeds").hidden = feeds.length > 0;
    // Buttons stay under somebody's finger.
    if (!element("feeds").contains(document.activeElement)) element("feeds").replaceChildren(...feeds.map(feedNode));
  } catch {
    // What is there stays; the state above says that there is no connection.
  }
}

function feedNode(feed) {
  const [kind, text] = conditions[feed.condition] ?? ["", feed.condition];
  const node = make("li", "", null,
    make("div", "feed-head", null, make("bdi", "feed-name", feed.name), make("span", "badge " + kind, text)),
    make("p", "hint", feed.current ? `${number(feed.current.names)} names, ${ago(feed.current.fetched)}` : "nothing is on it yet"));
  for (const reason of feed.reasons) node.append(make("p", "reason", null, make("bdi", "", reason)));
  if (feed.held) node.append(make("p", "hint", `held back: ${number(feed.held.names)} names, ${ago(feed.held.fetched)}`));
  if (feed.failure) node.append(make("p", "reason", null, make("bdi", "", feed.failure)));
  if (server.signer) node.append(feedActions(feed));
  return node;
}

function feedActions(feed) {
  const node = make("div", "feed-actions");
  const changes = [["refresh", "Refresh"]];
  if (feed.held) changes.push(["accept", "Accept"], ["rollback", "Throw away"]);
  for (const [change, text] of changes) {
    const button = make("button", "", text);
    button.type = "button";
    button.addEventListener("click", () => changeFeed(feed.name, change, button));
    node.append(button);
  }
  return node;
}

async function changeFeed(name, change, button) {
  button.disabled = true;
  try {
    await send("POST", `feeds/${encodeURIComponent(name)}/${change}`);
    say(`${name}: ${{ refresh: "its publisher is asked", accept: "accepted", rollback: "thrown away" }[change]}.`);
  } catch (error) {
    say(`${name}: ${error.message}`);
  }
  button.blur();
  refreshFeeds();
}

// MARK: - Start

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  refresh();
  refreshFeeds();
});

let turns = 0;
setInterval(() => {
  turns += 1;
  if (seconds < 3600 || turns % 5 === 0) refresh();
  if (turns % 10 === 0) refreshFeeds();
}, 1000);

refresh().then(() => {
  if (server.needsKey) return;
  watch();
  refreshFeeds();
});
