// The strip of scenes: each a button with one line that says what to watch for.

import { post } from "./api.js";
import { element, fill } from "./dom.js";
import { chosen, moment, t } from "./words.js";

export class Scenes {
  constructor(parent, onError) {
    this.parent = parent;
    this.onError = onError;
    this.buttons = new Map();
    this.pbx = null;
  }

  draw(scenes, pbxes, skips) {
    this.scenes = scenes;
    this.skips = skips;
    this.pbxes = pbxes;
    this.buttons = new Map(scenes.map((scene) => [scene.name, this.button(scene)]));
    this.about = element("p", { class: "about quiet", role: "status" });
    fill(
      this.parent,
      element("div", { class: "scenes-head" }, element("h2", {}, t("scenes.title")), this.about, this.choice(), this.later()),
      element("ol", { class: "strip" }, [...this.buttons.values()].map((button) => element("li", {}, button))),
    );
  }

  button(scene) {
    return element(
      "button",
      {
        type: "button",
        class: "scene",
        "data-scene": scene.name,
        onclick: () => this.play(scene.name),
      },
      element("span", { class: "scene-icon", "aria-hidden": "true" }, scene.icon),
      element("span", { class: "scene-title" }, chosen(scene.title)),
      element("span", { class: "scene-watch quiet" }, this.watch(scene)),
      element("span", { class: "scene-state unseen" }),
    );
  }

  /** What to watch for, and where, if the chosen PBX has no part in it. */
  watch(scene) {
    const where = this.where(scene);
    const elsewhere = this.pbx && where !== this.pbx;
    return elsewhere ? `${t("scenes.only", { pbx: where })} ${chosen(scene.watch)}` : chosen(scene.watch);
  }

  where(scene) {
    return scene.pbxes.includes(this.pbx) ? this.pbx : scene.pbxes[0];
  }

  /** Which PBX the calls come through, where there is more than one. */
  choice() {
    if (this.pbxes.length < 2) return null;
    const name = ({ id, title }) => (id === title ? id : `${id} · ${title}`);
    const options = this.pbxes.map((one) => element("option", { value: one.id, selected: one.id === this.pbx }, name(one)));
    const choose = (event) => {
      this.pbx = event.target.value;
      for (const scene of this.scenes) this.buttons.get(scene.name).querySelector(".scene-watch").textContent = this.watch(scene);
    };
    const select = element("select", { onchange: choose }, options);
    const short = element("span", { "aria-hidden": "true" }, t("party.pbx"));
    return element("label", { class: "choice" }, element("span", { class: "of-pbx" }, t("scenes.pbx")), short, select);
  }

  /** The clock of the whole demo, and buttons that move it forward: nobody waits ten minutes to see an escalation. */
  later() {
    if (!this.skips) return null;
    this.time = element("time", { class: "demo-time" });
    const skip = (asked) => () => post("/api/later", asked).catch(this.onError);
    const button = (word, asked) => element("button", { type: "button", class: "later", onclick: skip(asked) }, t(word));
    return element(
      "div",
      { class: "choice", role: "group", "aria-label": t("later.label") },
      element("span", { class: "since" }, element("span", { class: "quiet" }, t("later.label"), " "), this.time),
      button("later.ten", { minutes: 10 }),
      button("later.hour", { minutes: 60 }),
      button("later.morning", { until: "09:00" }),
    );
  }

  async play(name) {
    if (this.buttons.get(name).getAttribute("aria-disabled") === "true") return;
    try {
      const scene = this.scenes.find((one) => one.name === name);
      await post(`/api/scene/${name}`, this.pbx ? { pbx: this.where(scene) } : {});
    } catch (error) {
      this.onError(error);
    }
  }

  show({ playing, now, settled }) {
    if (this.time) this.time.textContent = moment(now);
    const about = t(settled ? "page.about" : "page.settling");
    if (this.about.textContent !== about) this.about.textContent = about;
    this.about.classList.toggle("settling", !settled);
    for (const [name, button] of this.buttons) {
      const isPlaying = playing.includes(name);
      button.setAttribute("aria-disabled", String(isPlaying));
      button.classList.toggle("playing", isPlaying);
      button.querySelector(".scene-state").textContent = isPlaying ? t("scenes.playing") : "";
    }
  }
}
