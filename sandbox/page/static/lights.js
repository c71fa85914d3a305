// How everybody is: the bot's process, Telegram, the PBX.

import { post } from "./api.js";
import { element, fill } from "./dom.js";
import { t } from "./words.js";

const WORDS = { up: "status.bot_up", starting: "status.bot_starting", down: "status.bot_down" };
const BOT = { up: "good", starting: "wait", down: "bad" };

export class Lights {
  constructor(parent, onError) {
    this.parent = parent;
    this.onError = onError;
    this.status = null;
    setInterval(() => this.status?.outage_until && this.draw(), 1000);
  }

  draw(status = this.status) {
    this.status = status;
    if (!status) return;
    const waiting = Object.values(status.waiting).reduce((sum, number) => sum + number, 0);
    const left = status.outage_until ? Math.max(0, Math.ceil((new Date(status.outage_until) - Date.now()) / 1000)) : 0;
    fill(
      this.parent,
      light(BOT[status.bot], t(WORDS[status.bot])),
      status.bot === "down" ? this.starter() : null,
      light(status.telegram ? "good" : "bad", t(status.telegram ? "status.telegram_up" : "status.telegram_down", { seconds: left })),
      light(waiting ? "bad" : "good", waiting ? t("status.pbx_waiting", { number: waiting }) : t("status.pbx_up")),
    );
  }

  starter() {
    const start = () => post("/api/start").catch(this.onError);
    return element("button", { type: "button", class: "start", onclick: start }, t("status.start"));
  }
}

function light(kind, text) {
  return element("span", { class: `light ${kind}` }, element("span", { class: "light-text" }, text));
}
