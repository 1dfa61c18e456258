/* The panel around the pictures: its controls, what it says, and its part of the address. */
window.geoflowGraph = window.geoflowGraph || {};
(() => {
  "use strict";
  const G = window.geoflowGraph;
  const PLAY = 900; /* milliseconds a layer is shown while playing */
  const SETTLED = 250; /* milliseconds after which the address follows the slider */
  const BESIDE = "-beside"; /* ends the ids of the second network's place */
  const part = (name) => document.getElementById(`graph-${name}`);

  function made(tag, text, kind) {
    const one = document.createElement(tag);
    if (text !== undefined) one.textContent = text;
    if (kind) one.className = kind;
    return one;
  }

  /* Give a list its choices: what the address says, and a title. */
  function options(name, pairs, chosen) {
    part(name).replaceChildren(...pairs.map(([value, text]) => {
      const one = made("option", text);
      one.value = value;
      one.selected = String(value) === String(chosen);
      return one;
    }));
  }

  /* Make the controls that the page has places for. */
  function make() {
    const input = (name, title, more) => {
      const one = Object.assign(made("input"), { id: `graph-${name}`, ...more });
      one.setAttribute("aria-label", title);
      part(`${name}-place`).replaceChildren(one);
    };
    input("layer", "Layer", { type: "range", min: 0, max: 1, value: 0 });
    input("share", "Share of edges that are drawn, in percent",
      { type: "range", min: 1, max: 100, value: 100 });
    input("trails", "Trails of selected points through the layers", { type: "checkbox" });
    options("layout", [["geodesic", "hops"], ["pca", "PCA"], ["umap", "UMAP"]]);
    options("dimensions", [["2", "2-D"], ["3", "3-D"]]);
    part("lasso").setAttribute("aria-pressed", "false");
  }

  class Panel {
    constructor() {
      make();
      this.state = null;
      this.timer = 0;
      this.playing = 0;
      this.at = 0;
      this.main = new G.View(this, "");
      this.beside = new G.View(this, BESIDE);
      this.listen();
    }

    get views() { return [this.main, this.beside].filter((one) => one.network); }
    get picture() { return this.main.picture; }
    get network() { return this.main.network; }

    /* The layers of the networks on show, those of the deeper one. */
    get layers() {
      const found = new Set(this.views.flatMap((one) => one.network.layers));
      return [...found].sort((a, b) => a - b);
    }

    /* Ask the page to change its state; the answer comes back through `update`. */
    change(fields) {
      Object.assign(this.state, fields);
      window.dash_clientside.set_props("change-layers", { data: fields });
    }

    listen() {
      part("layer").addEventListener("input", (event) => this.go(Number(event.target.value)));
      part("play").addEventListener("click", () => this.play());
      const chosen = {
        layout: String, points: String, edges: String, dimensions: Number, other: String,
      };
      for (const [name, kind] of Object.entries(chosen)) {
        part(name).addEventListener("change", (event) => {
          const value = kind(event.target.value);
          this.change({ [name]: value === "" ? null : value });
          this.refresh();
        });
      }
      part("share").addEventListener("input", (event) => {
        const value = Number(event.target.value);
        this.state.share = value === 100 ? null : value;
        this.refresh();
        this.later(() => this.change({ share: this.state.share }));
      });
      part("trails").addEventListener("change", (event) => {
        this.change({ trails: event.target.checked ? 1 : null });
        this.refresh();
      });
      part("clear").addEventListener("click", () => this.select([]));
      part("home").addEventListener("click", () => this.home());
      for (const kind of ["png", "svg", "html"]) {
        part(kind).addEventListener("click", () => G.save(this, kind));
      }
      part("lasso").addEventListener("click", () => {
        const on = part("lasso").getAttribute("aria-pressed") !== "true";
        part("lasso").setAttribute("aria-pressed", String(on));
      });
    }

    later(act) {
      clearTimeout(this.timer);
      this.timer = setTimeout(act, SETTLED);
    }

    home() {
      for (const { picture } of this.views) {
        Object.assign(picture, { zoom: 1, shift: [0, 0], turn: [0.5, -0.35] });
        picture.draw();
      }
    }

    /* Show what the page's state says. */
    update(state, facts, theme) {
      const { layer } = this.state || {};
      this.state = this.playing ? { ...state, layer } : { ...state };
      this.facts = facts || {};
      this.theme = theme || "light";
      if (state.tab !== "layers") { this.stop(); return; }
      const none = "This store has no network yet: `geoflow study run quickstart` makes some.";
      if (this.facts.error || !state.network) {
        this.beside.drop("");
        this.main.drop(this.facts.error || none);
        this.stop();
        return;
      }
      this.main.update(this.asked(state.network), String(this.facts.stamp));
    }

    asked(network) {
      const { k, convention, layout, dimensions } = this.state;
      return { network, k, convention, layout, dimensions };
    }

    /* A view has its network: fill the choices, and lay the other network beside the first. */
    taken(view) {
      if (view === this.main) this.fill();
      this.refresh();
    }

    /* Have the second network that the state names, if it is on the same points. */
    follow() {
      const { other } = this.state, { beside, main } = this;
      const is = Boolean(other && main.network && other !== main.network.facts.network);
      beside.part("stage").hidden = !is;
      for (const one of [main, beside]) one.part("name").hidden = !is;
      if (!is) { if (beside.key) beside.drop(""); return; }
      if (!main.network.facts.beside.includes(other)) {
        beside.drop(`Network '${other}' was not measured on the same points: choose another.`);
        return;
      }
      const asked = this.asked(other), key = JSON.stringify(asked);
      const { stamp } = main;
      if (key !== beside.key || stamp !== beside.stamp) beside.update(asked, stamp);
    }

    selection() { return [...(this.state.selection || [])]; }

    /* Fill the choices that the network has. */
    fill() {
      const { facts } = this.network, { state } = this;
      const choices = G.pointChoices(this.network);
      const known = choices.map(([value]) => value);
      this.usual = known[0];
      options("points", choices, known.includes(state.points) ? state.points : known[0]);
      const kinds = facts.curvatures.map((one) => [one, one.replaceAll("_", " ")]);
      options("edges", [...kinds, ["none", "no edges"]], state.edges || "forman");
      const others = facts.beside.filter((one) => one !== facts.network);
      options("other", [["", "none"], ...others.map((one) => [one, one])], state.other);
    }

    /* Draw anew what the state says of colours, edges, selection and layer. */
    refresh() {
      if (!this.main.network) return;
      this.follow();
      const { state, layers } = this;
      this.at = Math.max(0, layers.indexOf(nearest(layers, state.layer || 0)));
      part("share").value = String(state.share || 100);
      part("trails").checked = Boolean(state.trails);
      part("layout").value = state.layout || "geodesic";
      part("dimensions").value = state.dimensions === 3 ? "3" : "2";
      part("other").value = state.other || "";
      for (const view of this.views) view.refresh(layers[this.at], this.selection());
      this.tell();
    }

    hover(point) {
      for (const { picture } of this.views) {
        if (picture.hovered !== point) { picture.hovered = point; picture.draw(); }
      }
    }

    /* Show a layer by its place, in every network. */
    show(at) {
      this.at = at;
      this.state.layer = this.layers[at];
      for (const { picture, network } of this.views) picture.go(network.place(this.state.layer));
      for (const view of this.views) view.tell();
      this.tell();
    }

    /* Go to a layer by its place; the address follows when it has settled. */
    go(at) {
      if (!this.main.network) return;
      this.show(at);
      this.later(() => this.change({ layer: this.state.layer }));
    }

    play() {
      if (this.playing) { this.stop(); return; }
      if (!this.network) return;
      part("play").textContent = "Pause";
      const next = () => this.show(this.at >= this.layers.length - 1 ? 0 : this.at + 1);
      next();
      this.playing = setInterval(next, PLAY);
    }

    stop() {
      if (!this.playing) return;
      clearInterval(this.playing);
      this.playing = 0;
      part("play").textContent = "Play";
      this.change({ layer: this.state.layer });
    }

    select(points) {
      this.change({ selection: points.length ? [...points].sort((a, b) => a - b) : null });
      this.state.selection = points;
      this.refresh();
    }

    tell() {
      const { said, kind, more } = this.main.words();
      part("layer").max = String(this.layers.length - 1);
      part("layer").value = String(this.at);
      part("layer").setAttribute("aria-valuetext", `${said}, ${kind}`);
      part("said").replaceChildren(made("strong", said), made("span", more));
      G.tellLegend(this);
      G.tellSelection(this);
    }
  }

  function nearest(layers, layer) {
    return layers.reduce((best, one) =>
      (Math.abs(one - layer) < Math.abs(best - layer) ? one : best), layers[0]);
  }

  Object.assign(G, { Panel, part, made });

  window.dash_clientside = window.dash_clientside || {};
  const functions = window.dash_clientside.geoflow = window.dash_clientside.geoflow || {};
  functions.draw_graph = (state, theme, facts) => {
    if (!state || !part("canvas")) return window.dash_clientside.no_update;
    G.panel = G.panel || new Panel();
    G.panel.update(state, facts, theme);
    return window.dash_clientside.no_update;
  };
})();
