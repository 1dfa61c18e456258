/* The panel around the picture: its controls, what it says, and its part of the address. */
window.geoflowGraph = window.geoflowGraph || {};
(() => {
  "use strict";
  const G = window.geoflowGraph;
  const PLAY = 900; /* milliseconds a layer is shown while playing */
  const SETTLED = 250; /* milliseconds after which the address follows the slider */
  const part = (name) => document.getElementById(`graph-${name}`);

  function made(tag, text, kind) {
    const one = document.createElement(tag);
    if (text !== undefined) one.textContent = text;
    if (kind) one.className = kind;
    return one;
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
    const options = (name, pairs) => part(name).replaceChildren(...pairs.map(([value, text]) =>
      Object.assign(made("option", text), { value })));
    options("layout", [["geodesic", "hops"], ["pca", "PCA"], ["umap", "UMAP"]]);
    options("dimensions", [["2", "2-D"], ["3", "3-D"]]);
    part("lasso").setAttribute("aria-pressed", "false");
  }

  class Panel {
    constructor() {
      make();
      this.picture = new G.Picture(part("canvas"));
      this.state = null;
      this.key = "";
      this.loading = 0;
      this.timer = 0;
      this.playing = 0;
      this.listen();
      G.listenToCanvas(this);
    }

    /* Ask the page to change its state; the answer comes back through `update`. */
    change(fields) {
      Object.assign(this.state, fields);
      window.dash_clientside.set_props("change-layers", { data: fields });
    }

    listen() {
      part("layer").addEventListener("input", (event) => this.go(Number(event.target.value)));
      part("play").addEventListener("click", () => this.play());
      const chosen = { layout: String, points: String, edges: String, dimensions: Number };
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
      part("png").addEventListener("click", () => this.save("png"));
      part("svg").addEventListener("click", () => this.save("svg"));
      part("lasso").addEventListener("click", () => {
        const on = part("lasso").getAttribute("aria-pressed") !== "true";
        part("lasso").setAttribute("aria-pressed", String(on));
      });
      new ResizeObserver(() => this.picture.draw()).observe(part("canvas"));
    }

    later(act) {
      clearTimeout(this.timer);
      this.timer = setTimeout(act, SETTLED);
    }

    home() {
      Object.assign(this.picture, { zoom: 1, shift: [0, 0], turn: [0.5, -0.35] });
      this.picture.draw();
    }

    /* Show what the page's state says. */
    update(state, facts, theme) {
      this.state = { ...state };
      this.facts = facts || {};
      this.theme = theme || "light";
      if (state.tab !== "layers") { this.stop(); return; }
      if (this.facts.error) { this.say(this.facts.error); return; }
      if (!state.network) {
        this.say("This store has no network yet: `geoflow study run quickstart` makes some.");
        return;
      }
      const asked = {
        network: state.network, k: state.k, convention: state.convention, layout: state.layout,
        dimensions: state.dimensions,
      };
      const key = JSON.stringify(asked);
      if (key === this.key && this.picture.network) { this.refresh(); return; }
      this.load(asked, key);
    }

    async load(asked, key) {
      const turn = ++this.loading;
      this.key = key;
      this.say("Reading the network …", true);
      try {
        const network = new G.Network(await G.fetched("network", asked));
        if (turn !== this.loading) return;
        this.say("");
        this.network = network;
        this.picture.look.edges = null;
        this.picture.network = null;
        this.fill();
        this.look();
        this.picture.at = network.place(this.state.layer || 0);
        this.picture.selection = this.selection();
        this.picture.show(network);
        this.picture.at = network.place(this.state.layer || 0);
        this.tell();
        this.refresh();
      } catch (error) {
        if (turn === this.loading) { this.picture.network = null; this.say(error.message); }
      }
    }

    selection() { return [...(this.state.selection || [])]; }

    /* Fill the choices that the network has. */
    fill() {
      const { facts } = this.network;
      const options = (name, pairs, chosen) => {
        part(name).replaceChildren(...pairs.map(([value, text]) => {
          const one = made("option", text);
          one.value = value;
          one.selected = String(value) === String(chosen);
          return one;
        }));
      };
      const choices = G.pointChoices(this.network);
      const known = choices.map(([value]) => value);
      this.usual = known[0];
      options("points", choices, known.includes(this.state.points) ? this.state.points : known[0]);
      const kinds = facts.curvatures.map((one) => [one, one.replaceAll("_", " ")]);
      options("edges", [...kinds, ["none", "no edges"]], this.state.edges || "forman");
      part("layout").value = this.state.layout || "geodesic";
      part("dimensions").value = this.state.dimensions === 3 ? "3" : "2";
      part("layer").max = String(this.network.layers.length - 1);
      part("notes").replaceChildren(...facts.notes.map((one) => made("p", one)));
    }

    /* Draw anew what the state says of colours, edges, selection and layer. */
    refresh() {
      if (!this.network || this.picture.network !== this.network) return;
      this.picture.selection = this.selection();
      part("share").value = String(this.state.share || 100);
      part("trails").checked = Boolean(this.state.trails);
      this.look();
      this.picture.go(this.network.place(this.state.layer || 0));
      this.tell();
      this.picture.draw();
    }

    look() {
      const { state, network, theme } = this, look = this.picture.look;
      const asked = state.edges || "forman";
      const kind = network.facts.curvatures.includes(asked) ? asked : "forman";
      look.theme = theme;
      look.share = state.share || null;
      look.trails = Boolean(state.trails);
      const held = network.curvature(kind, 0);
      if (!held) this.bring("edges", { kind }, ({ arrays }) => network.take(kind, arrays));
      const used = held ? kind : "forman";
      const edgeKey = `${used} ${theme}`;
      if (asked === "none") look.edges = null;
      else if (!look.edges || look.edges.key !== edgeKey) {
        look.edges = { ...G.edgeLook(network, used, theme), key: edgeKey };
        setTimeout(() => this.prepare(look.edges), 600);
      }
      const colour = state.points || this.usual;
      const score = colour.startsWith("score:") ? colour.slice(6) : null;
      if (score && !network.scores.has(score) && network.facts.scores.includes(score)) {
        this.bring("points", { score }, ({ arrays }) => network.scores.set(score, arrays.values));
      }
      const first = colour === "hops" ? state.selection[0] : "";
      const pointKey = [colour, theme, used, first, network.scores.has(score)].join(" ");
      if (!look.points || look.points.key !== pointKey || look.points.network !== network) {
        const how = { theme, kind: used, selection: this.selection() };
        look.points = { ...G.pointLook(network, colour, how), key: pointKey, network };
      }
    }

    /* Sort the edges of the other layers into their bins while nothing else is asked. */
    prepare(look, at = 0) {
      if (this.picture.look.edges !== look || at >= this.network.layers.length) return;
      look.of(at);
      setTimeout(() => this.prepare(look, at + 1), 30);
    }

    /* Bring what a colour needs, then draw with it. */
    async bring(what, more, take) {
      const { network } = this;
      try {
        const { facts } = network;
        const named = { network: facts.network, k: facts.k, convention: facts.convention };
        take(await G.fetched(what, { ...named, ...more }));
        if (network === this.network) this.refresh();
      } catch (error) { this.say(error.message); }
    }

    say(text, quiet = false) {
      const message = part("message");
      message.textContent = text;
      message.hidden = !text;
      message.classList.toggle("busy", quiet);
      if (text && !quiet) this.stop();
    }

    /* Go to a layer by its place; the address follows when it has settled. */
    go(at) {
      this.state.layer = this.network.layers[at];
      this.picture.go(at);
      this.tell();
      this.later(() => this.change({ layer: this.state.layer }));
    }

    play() {
      if (this.playing) { this.stop(); return; }
      if (!this.network) return;
      part("play").textContent = "Pause";
      const last = this.network.layers.length - 1;
      const next = () => {
        const at = this.picture.at >= last ? 0 : this.picture.at + 1;
        this.state.layer = this.network.layers[at];
        this.picture.go(at);
        this.tell();
      };
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
      const { network, picture } = this;
      const layer = network.facts.layers[picture.at];
      part("layer").value = String(picture.at);
      const kind = layer.is_output ? "output" : layer.layer === 0 ? "input" : "hidden";
      const last = network.layers[network.layers.length - 1];
      const said = `Layer ${layer.layer} of ${last}`;
      part("layer").setAttribute("aria-valuetext", `${said}, ${kind}`);
      part("said").replaceChildren(made("strong", said), made("span",
        ` ${kind} · ${layer.n_units} units · ${layer.n_components} component`
        + (layer.n_components === 1 ? "" : "s")));
      G.tellLegend(this);
      G.tellSelection(this);
    }

    async save(kind) {
      const { network, picture } = this;
      if (!network) return;
      const layer = network.layers[picture.at];
      const name = `${network.facts.network}-layer${layer}-k${network.facts.k}.${kind}`;
      const blob = kind === "svg"
        ? new Blob([picture.svg(`${network.facts.network}, layer ${layer}`)], { type: "image/svg+xml" })
        : await new Promise((done) => { picture.canvas.toBlob(done, "image/png"); });
      const link = made("a");
      link.href = URL.createObjectURL(blob);
      link.download = name.replace(/[^A-Za-z0-9_.@-]+/g, "_");
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }
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
