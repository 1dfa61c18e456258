/* A view: one network on one canvas, and what is said on it. A panel has one, or two side by side. */
window.geoflowGraph = window.geoflowGraph || {};
(() => {
  "use strict";
  const G = window.geoflowGraph;

  class View {
    constructor(panel, place) {
      this.panel = panel;
      this.end = place;
      this.picture = new G.Picture(this.part("canvas"));
      this.network = null;
      this.key = "";
      this.turn = 0;
      G.listenToCanvas(panel, this);
      new ResizeObserver(() => this.picture.draw()).observe(this.part("canvas"));
    }

    part(name) { return G.part(name + this.end); }

    /* Show the network of a request; ``stamp``: of the store, which may hold another now. */
    update(asked, stamp) {
      const key = JSON.stringify(asked), same = key === this.key;
      if (same && stamp === this.stamp) { this.panel.refresh(); return; }
      this.stamp = stamp;
      this.key = key;
      this.load(asked, same ? this.network : null);
    }

    /* Bring a network; ``known``: the one on show, if it may be that still. */
    async load(asked, known) {
      const turn = ++this.turn, { key } = this;
      if (!known) this.say("Reading the network …", true);
      try {
        const digest = known ? known.facts.digest : null;
        const found = await G.fetched("network", { ...asked, known: digest });
        if (turn !== this.turn) return;
        this.say("");
        if (found) this.network = new G.Network(found);
        this.panel.taken(this);
      } catch (error) {
        if (turn === this.turn) this.drop(error.message, key);
      }
    }

    /* Show a sentence in place of a network; ``key``: of the request that it answers. */
    drop(why, key = "") {
      this.turn++;
      this.key = key;
      this.network = this.picture.network = null;
      this.say(why);
    }

    say(text, quiet = false) {
      const message = this.part("message");
      message.textContent = text;
      message.hidden = !text;
      message.classList.toggle("busy", quiet);
    }

    /* Draw what the state says of colours, edges and selection, at a layer. */
    refresh(layer, selection) {
      const { network, picture } = this;
      if (!network) return;
      picture.selection = selection;
      this.look();
      if (picture.network === network) picture.go(network.place(layer));
      else picture.show(network, network.place(layer));
      picture.draw();
      this.tell();
    }

    /* The colours; those of a second network mean what they mean in the first. */
    look() {
      const { network, panel } = this, { state, theme } = panel, { look } = this.picture;
      const scale = this === panel.main ? null : panel.main.picture.look;
      const asked = state.edges || "forman";
      const main = panel.main.network || network;
      const kind = main.facts.curvatures.includes(asked) ? asked : "forman";
      look.theme = theme;
      look.share = state.share || null;
      look.trails = Boolean(state.trails);
      this.lacks = network.facts.curvatures.includes(kind) ? "" : kind;
      const held = !this.lacks && network.curvature(kind, 0);
      if (!held && !this.lacks) {
        this.bring("edges", { kind }, ({ arrays }) => network.take(kind, arrays));
      }
      const used = held ? kind : "forman";
      this.lookAtEdges(asked === "none" || this.lacks ? "none" : used, scale && scale.edges);
      const colour = state.points || panel.usual;
      const score = colour.startsWith("score:") ? colour.slice(6) : null;
      if (score && !network.scores.has(score) && network.facts.scores.includes(score)) {
        this.bring("points", { score }, ({ arrays }) => network.scores.set(score, arrays.values));
      }
      const first = colour === "hops" ? panel.selection()[0] : "";
      const breaks = scale && scale.points && scale.points.breaks;
      const key = [colour, theme, used, first, network.scores.has(score), breaks].join(" ");
      if (!look.points || look.points.key !== key || look.points.network !== network) {
        const how = { theme, kind: used, selection: panel.selection(), breaks };
        look.points = { ...G.pointLook(network, colour, how), key, network };
      }
    }

    lookAtEdges(kind, scale) {
      const { network, picture: { look } } = this, { theme } = this.panel;
      if (kind === "none") { look.edges = null; return; }
      const breaks = scale && scale.kind === kind ? scale.breaks : null;
      const key = [kind, theme, breaks].join(" ");
      if (look.edges && look.edges.key === key && look.edges.network === network) return;
      look.edges = { ...G.edgeLook(network, kind, theme, breaks), key, kind, network };
      const edges = look.edges;
      setTimeout(() => this.prepare(edges), 600);
    }

    /* Sort the edges of the other layers into their bins while nothing else is asked. */
    prepare(edges, at = 0) {
      if (this.picture.look.edges !== edges || at >= edges.network.layers.length) return;
      edges.of(at);
      setTimeout(() => this.prepare(edges, at + 1), 30);
    }

    /* Bring what a colour needs, once, then draw with it. */
    async bring(what, more, take) {
      const { network } = this, { facts } = network, key = what + JSON.stringify(more);
      if (network.brought.has(key)) return;
      network.brought.add(key);
      try {
        const named = { network: facts.network, k: facts.k, convention: facts.convention };
        take(await G.fetched(what, { ...named, ...more }));
        if (network === this.network) this.panel.refresh();
      } catch (error) { this.say(error.message); }
    }

    /* The layer that is shown, in words. */
    words() {
      const layer = this.network.facts.layers[this.picture.at];
      const kind = layer.is_output ? "output" : layer.layer === 0 ? "input" : "hidden";
      const components = `${layer.n_components} component${layer.n_components === 1 ? "" : "s"}`;
      const last = this.network.layers[this.network.layers.length - 1];
      const said = `Layer ${layer.layer} of ${last}`;
      return { said, kind, more: ` ${kind} · ${layer.n_units} units · ${components}` };
    }

    tell() {
      const { network } = this, name = this.part("name"), { said, more } = this.words();
      name.replaceChildren(G.made("strong", network.facts.network), G.made("span", `${said}${more}`));
      const notes = [...network.facts.notes];
      if (this.lacks) notes.push(`It has no ${this.lacks.replaceAll("_", " ")} in the store: no edges are drawn.`);
      this.part("notes").replaceChildren(...notes.map((one) => G.made("p", one)));
    }
  }

  Object.assign(G, { View });
})();
