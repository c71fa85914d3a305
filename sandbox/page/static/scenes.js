// The strip of scenes: each a button with one line that says what to watch for.

import { post } from "./api.js";
import { element, fill } from "./dom.js";
import { chosen, t } from "./words.js";

export class Scenes {
  constructor(parent, onError) {
    this.parent = parent;
    this.onError = onError;
    this.buttons = new Map();
    this.pbx = null;
  }

  draw(scenes, pbxes) {
    this.scenes = scenes;
    this.pbxes = pbxes;
    this.buttons = new Map(scenes.map((scene) => [scene.name, this.button(scene)]));
    fill(
      this.parent,
      element("div", { class: "scenes-head" }, element("h2", { class: "unseen" }, t("scenes.title")), this.choice()),
      element("ol", { class: "strip" }, [...this.buttons.values()].map((button) => element("li", {}, button))),
    );
  }

  button(scene) {
    return element(
      "button",
      { type: "button", class: "scene", "data-scene": scene.name, onclick: () => this.play(scene.name) },
      element("span", { class: "scene-icon", "aria-hidden": "true" }, scene.icon),
      element("span", { class: "scene-title" }, chosen(scene.title)),
      element("span", { class: "scene-watch quiet" }, chosen(scene.watch)),
      element("span", { class: "scene-state unseen" }),
    );
  }

  /** Which PBX the calls come through, where there is more than one. */
  choice() {
    if (this.pbxes.length < 2) return null;
    const options = this.pbxes.map((one) => element("option", { value: one.id, selected: one.id === this.pbx }, one.title));
    const select = element("select", { "aria-label": t("scenes.pbx"), onchange: () => (this.pbx = select.value) }, options);
    return select;
  }

  async play(name) {
    if (this.buttons.get(name).getAttribute("aria-disabled") === "true") return;
    try {
      await post(`/api/scene/${name}`, this.pbx ? { pbx: this.pbx } : {});
    } catch (error) {
      this.onError(error);
    }
  }

  show(playing) {
    for (const [name, button] of this.buttons) {
      const isPlaying = playing.includes(name);
      button.setAttribute("aria-disabled", String(isPlaying));
      button.classList.toggle("playing", isPlaying);
      button.querySelector(".scene-state").textContent = isPlaying ? t("scenes.playing") : "";
    }
  }
}
