// How everybody is: the bot's process, Telegram, the PBX.

import { post } from "./api.js";
import { element, fill } from "./dom.js";
import { t } from "./words.js";

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
      light(status.bot, t(status.bot ? "status.bot_up" : "status.bot_down")),
      status.bot ? null : this.starter(),
      light(status.telegram, t(status.telegram ? "status.telegram_up" : "status.telegram_down", { seconds: left })),
      light(!waiting, waiting ? t("status.pbx_waiting", { number: waiting }) : t("status.pbx_up")),
    );
  }

  starter() {
    const start = () => post("/api/start").catch(this.onError);
    return element("button", { type: "button", class: "start", onclick: start }, t("status.start"));
  }
}

function light(good, text) {
  return element("span", { class: `light ${good ? "good" : "bad"}` }, element("span", { class: "light-text" }, text));
}
