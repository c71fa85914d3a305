// What the PBX sent and what the bot did, newest last, in one line each; the raw body on demand.

import { element, fill } from "./dom.js";
import { exactClock, placesOf, t } from "./words.js";

const KEPT = 400;
const NEAR_END = 40;
/** What goes on all the time, whatever is played. */
const ROUTINE = new Set([
  "bot.asks_for_calls",
  "bot.reads_users",
  "bot.reads_departments",
  "bot.reads_managers",
  "bot.renews_tokens",
  "bot.introduces_itself",
]);

export class Trace {
  constructor() {
    this.entries = new Map();
    this.unread = 0;
    this.list = element("ol", { class: "trace-list", tabindex: 0 });
    this.heading = element("h2", {});
    this.element = element("section", { class: "panel trace", id: "panel-trace" }, this.heading, this.list);
  }

  draw(entries = [...this.entries.values()]) {
    this.entries = new Map(entries.map((one) => [one.id, one]));
    this.heading.textContent = t("trace.title");
    this.element.setAttribute("aria-label", t("trace.title"));
    this.list.setAttribute("aria-label", t("trace.title"));
    fill(this.list, [...this.entries.values()].map(line));
    if (!this.entries.size) fill(this.list, element("li", { class: "nothing" }, t("trace.empty")));
    this.list.scrollTop = this.list.scrollHeight;
  }

  add(entry) {
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_END;
    const known = this.entries.has(entry.id) && this.list.querySelector(`[data-entry="${entry.id}"]`);
    this.entries.set(entry.id, entry);
    if (known) {
      const fresh = line(entry);
      fresh.querySelector("details").open = known.querySelector("details").open;
      known.replaceWith(fresh);
    } else {
      this.list.querySelector(".nothing")?.remove();
      this.list.append(line(entry));
    }
    if (this.entries.size > KEPT) {
      const [oldest] = this.entries.keys();
      this.entries.delete(oldest);
      this.list.querySelector(`[data-entry="${oldest}"]`)?.remove();
    }
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  look() {
    this.list.scrollTop = this.list.scrollHeight;
  }
}

function line(entry) {
  const outcome = entry.ok === false ? " failed" : "";
  return element(
    "li",
    { class: `line from-${entry.source}${outcome}${ROUTINE.has(entry.say) ? " routine" : ""}`, "data-entry": entry.id },
    element(
      "details",
      {},
      element("summary", {}, parties(entry), element("span", { class: "said" }, words(entry)), mark(entry)),
      code(entry),
      element("pre", {}, `${exactClock(entry.at)}\n${JSON.stringify(entry.detail, null, 1)}`),
    ),
  );
}

/** Where in the program that is done. */
function code({ say }) {
  const places = placesOf(say).map((one) => element("code", {}, one));
  return element("p", { class: "places" }, element("span", { class: "quiet" }, t("trace.code")), " ", places);
}

function parties({ source, target, pbx }) {
  const name = (party) => (party === "pbx" && pbx ? t("party.pbx_named", { pbx }) : t(`party.${party}`));
  const text = source === "stage" ? t("party.stage") : `${name(source)} → ${name(target)}`;
  return element("span", { class: "parties" }, text);
}

/** A line ends where there is nothing to fill in: "new message in Sales: " has no colon then. Numbers don't break. */
function words({ say, values, others }) {
  const said = t(say, values).replace(/[\s:,]+$/, "") + (others ? ` ${t("trace.others", { number: others })}` : "");
  return said.replace(/\+7 (\d{3}) (\d{3})-(\d\d)-(\d\d)/g, "+7\u00a0$1\u00a0$2\u2011$3\u2011$4");
}

function mark({ ok, status, times }) {
  const failed = ok === false ? (status === "…" ? t("trace.no_answer") : status) : "";
  const text = [failed, times > 1 ? `×${times}` : ""].filter(Boolean).join(" ");
  return text ? element("span", { class: "mark" }, text) : null;
}
