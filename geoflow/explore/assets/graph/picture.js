/* The picture: points and edges of a layer on a canvas, moved between layers, turned in 3-D. */
window.geoflowGraph = window.geoflowGraph || {};
(() => {
  "use strict";
  const G = window.geoflowGraph;
  const MARGIN = 26;
  const WAY = 220; /* milliseconds from one layer to the next */
  const MOST_EDGES = 120000; /* edges of a picture at rest */
  const MOST_MOVING = 8000; /* edges of a picture that moves */
  const SLABS = 6; /* of depth in 3-D */

  class Picture {
    constructor(canvas) {
      this.canvas = canvas;
      this.pen = canvas.getContext("2d");
      this.network = null;
      this.at = 0;
      this.from = null;
      this.turn = [0.5, -0.35];
      this.zoom = 1;
      this.shift = [0, 0];
      this.selection = [];
      this.hovered = -1;
      this.lasso = null;
      this.look = { theme: "light", share: null, edges: null, points: null, trails: false };
      this.times = [];
      this.asked = 0;
      this.fit();
    }

    /* Give the canvas the pixels of its place on the screen. */
    fit() {
      const { width, height } = this.canvas.getBoundingClientRect();
      const ratio = window.devicePixelRatio || 1;
      this.width = Math.max(width, 1);
      this.height = Math.max(height, 1);
      this.ratio = ratio;
      const [w, h] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
      if (this.canvas.width !== w || this.canvas.height !== h) {
        this.canvas.width = w;
        this.canvas.height = h;
      }
    }

    show(network, at) {
      this.network = network;
      this.at = at;
      this.from = null;
      this.scales = network.layers.map((_, one) => this.extent(one));
      this.flat = new Float32Array(network.n * 2);
      this.depth = new Float32Array(network.n);
      this.draw();
    }

    /* How far points of a layer lie from the middle, along each axis; in 3-D in any way. */
    extent(at) {
      const { n, dimensions: d } = this.network;
      const where = this.network.positions(at);
      let x = 1e-9, y = 1e-9, r = 1e-9;
      for (let i = 0; i < n; i++) {
        const [a, b, c] = [where[d * i], where[d * i + 1], d > 2 ? where[d * i + 2] : 0];
        x = Math.max(x, Math.abs(a));
        y = Math.max(y, Math.abs(b));
        r = Math.max(r, a * a + b * b + c * c);
      }
      return { x, y, r: Math.sqrt(r) };
    }

    scale(at) {
      const { x, y, r } = this.scales[at];
      const [w, h] = [this.width / 2 - MARGIN, this.height / 2 - MARGIN];
      const fitted = this.network.dimensions > 2 ? Math.min(w, h) / r : Math.min(w / x, h / y);
      return Math.max(fitted, 1e-6) * this.zoom;
    }

    /* Go to a layer: at once, or on the way of every point. */
    go(at, moves = true) {
      if (!this.network || at === this.at) return;
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.from = moves && !still ? { at: this.at, start: performance.now() } : null;
      this.at = at;
      this.draw();
    }

    draw() {
      if (!this.asked) this.asked = requestAnimationFrame(() => this.frame());
    }

    frame() {
      this.asked = 0;
      if (!this.network) return;
      const start = performance.now();
      this.fit();
      let share = 1;
      if (this.from) {
        share = Math.min(1, (start - this.from.start) / WAY);
        if (share >= 1) this.from = null;
      }
      this.place(share);
      this.pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      this.paint(this.pen, Boolean(this.from) || this.drags);
      this.times.push(performance.now() - start);
      if (this.times.length > 400) this.times.shift();
      if (this.from) this.draw();
    }

    /* Put every point where it is on the screen, share of the way from the layer before. */
    place(share) {
      const before = this.from;
      const eased = share < 0.5 ? 2 * share * share : 1 - 2 * (1 - share) * (1 - share);
      const there = this.network.positions(this.at), there_scale = this.scale(this.at);
      const here = before ? this.network.positions(before.at) : there;
      const here_scale = before ? this.scale(before.at) : there_scale;
      const part = before ? eased : 1;
      this.project(this.flat, this.depth, (k) => (1 - part) * here[k] * here_scale
        + part * there[k] * there_scale);
    }

    project(flat, depth, value) {
      const { n, dimensions: d } = this.network;
      const [cx, cy] = [this.width / 2 + this.shift[0], this.height / 2 + this.shift[1]];
      const [a, b] = this.turn;
      const [ca, sa, cb, sb] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
      for (let i = 0; i < n; i++) {
        const x = value(d * i), y = value(d * i + 1);
        if (d === 2) { flat[2 * i] = cx + x; flat[2 * i + 1] = cy - y; continue; }
        const z = value(d * i + 2);
        const x1 = ca * x + sa * z, z1 = -sa * x + ca * z;
        flat[2 * i] = cx + x1;
        flat[2 * i + 1] = cy - (cb * y - sb * z1);
        depth[i] = sb * y + cb * z1;
      }
    }

    paint(pen, moves) {
      pen.globalAlpha = 1;
      pen.fillStyle = this.look.theme === "dark" ? "#12161c" : "#ffffff";
      pen.fillRect(0, 0, this.width, this.height);
      pen.lineCap = "round";
      if (this.look.edges) this.paintEdges(pen, moves);
      if (this.look.trails && this.selection.length) this.paintTrails(pen);
      this.paintPoints(pen);
      this.paintChosen(pen);
      if (this.lasso) this.paintLasso(pen);
    }

    /* How many edges of a layer are drawn, and up to which curvature. */
    thinning(at) {
      const { sorted } = this.look.edges.of(at);
      const all = sorted.length;
      const asked = this.look.share === null ? all : Math.ceil((all * this.look.share) / 100);
      const kept = Math.min(asked, MOST_EDGES);
      const limit = kept >= all ? Infinity : sorted[Math.max(kept - 1, 0)];
      return { all, kept, limit, asked };
    }

    paintEdges(pen, moves) {
      const { lists, values } = this.look.edges.of(this.at);
      const { kept, limit } = this.thinning(this.at);
      const ends = this.network.edges(this.at), flat = this.flat;
      const step = moves ? Math.max(1, Math.ceil(kept / MOST_MOVING)) : 1;
      const drawn = kept / step;
      const alpha = Math.min(0.75, Math.max(0.1, 22 / Math.sqrt(drawn + 1)));
      pen.lineWidth = drawn > 20000 ? 0.6 : drawn > 4000 ? 0.8 : 1.1;
      for (let bin = lists.length - 1; bin >= 0; bin--) {
        const list = lists[bin];
        pen.strokeStyle = this.look.edges.colours[bin] || G.NONE[this.look.theme];
        pen.globalAlpha = Math.min(0.95, alpha * (bin < 2 ? 1.9 : bin < 4 ? 1.2 : 0.9));
        pen.beginPath();
        for (let at = 0, left = kept + 1; at < list.length && left > 0; at += step) {
          const e = list[at];
          if (values[e] > limit) continue;
          const i = 2 * ends[2 * e], j = 2 * ends[2 * e + 1];
          pen.moveTo(flat[i], flat[i + 1]);
          pen.lineTo(flat[j], flat[j + 1]);
        }
        pen.stroke();
      }
      pen.globalAlpha = 1;
    }

    radius() {
      const n = this.network.n;
      const plain = n <= 300 ? 5 : n <= 1000 ? 4 : n <= 3000 ? 3 : n <= 8000 ? 2.2 : 1.5;
      const room = Math.min(1, Math.max(0.65, Math.min(this.width, this.height) / 650));
      return plain * room * Math.min(2.2, Math.max(0.7, Math.sqrt(this.zoom)));
    }

    /* Paint points in batches of a colour; in 3-D in slabs from the farthest to the nearest. */
    paintPoints(pen) {
      const { n, dimensions } = this.network;
      const { bin, colours } = this.look.points.of(this.at);
      const radius = this.radius(), flat = this.flat;
      const deep = dimensions > 2 ? SLABS : 1;
      const far = this.scales[this.at].r * this.scale(this.at) || 1;
      const groups = new Map();
      const isChosen = this.selection.length > 2 ? new Set(this.selection) : null;
      for (let i = 0; i < n; i++) {
        const slab = deep === 1 ? 0
          : Math.min(deep - 1, Math.max(0, Math.floor(((this.depth[i] / far + 1) / 2) * deep)));
        const quiet = isChosen && !isChosen.has(i) ? 0 : 1;
        const key = (slab * 2 + quiet) * 256 + bin[i];
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(i);
      }
      const keys = [...groups.keys()].sort((a, b) => (a >> 8) - (b >> 8) || (b & 255) - (a & 255));
      const edge = this.look.theme === "dark" ? "#12161c" : "#ffffff";
      for (const key of keys) {
        const slab = key >> 9, quiet = (key >> 8) & 1;
        const size = radius * (deep === 1 ? 1 : 0.65 + (0.6 * (slab + 0.5)) / deep);
        pen.beginPath();
        for (const i of groups.get(key)) {
          const x = flat[2 * i], y = flat[2 * i + 1];
          pen.moveTo(x + size, y);
          pen.arc(x, y, size, 0, 2 * Math.PI);
        }
        pen.globalAlpha = quiet ? 1 : 0.22;
        if (n <= 5000) {
          pen.strokeStyle = edge;
          pen.lineWidth = 1.2;
          pen.stroke();
        }
        pen.fillStyle = colours[key & 255] || G.NONE[this.look.theme];
        pen.fill();
      }
      pen.globalAlpha = 1;
    }

    ring(pen, i, size, colour, width) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.beginPath();
      pen.moveTo(this.flat[2 * i] + size, this.flat[2 * i + 1]);
      pen.arc(this.flat[2 * i], this.flat[2 * i + 1], size, 0, 2 * Math.PI);
      pen.stroke();
    }

    line(pen, points, colour, width) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.beginPath();
      points.forEach((i, at) => pen[at ? "lineTo" : "moveTo"](this.flat[2 * i], this.flat[2 * i + 1]));
      pen.stroke();
    }

    /* Rings around chosen points; of one its neighbours, of two the way between them. */
    paintChosen(pen) {
      const ink = this.look.theme === "dark" ? "#ffffff" : "#101418";
      const chosen = this.selection.filter((i) => i < this.network.n);
      const size = this.radius() + 2;
      if (chosen.length === 1) {
        const { starts, near } = this.network.adjacent(this.at);
        for (let e = starts[chosen[0]]; e < starts[chosen[0] + 1]; e++) {
          this.line(pen, [chosen[0], near[e]], ink, 1.1);
          this.ring(pen, near[e], size - 0.5, ink, 1.2);
        }
      }
      if (chosen.length === 2) {
        const way = this.network.path(this.at, chosen[0], chosen[1]);
        this.line(pen, way, ink, 3);
        for (const i of way) this.ring(pen, i, size, ink, 1.6);
      }
      const ends = this.look.theme === "dark" ? "#ffd24a" : "#c2185b";
      if (chosen.length <= 2) for (const i of chosen) this.ring(pen, i, size + 2.5, ends, 3);
      else if (chosen.length <= 400) for (const i of chosen) this.ring(pen, i, size + 0.5, ink, 1.6);
      if (this.hovered >= 0 && this.hovered < this.network.n) {
        this.ring(pen, this.hovered, size + 1.5, ink, 2);
      }
    }

    /* The way of chosen points through all layers, fading in to the layer that is shown. */
    paintTrails(pen) {
      const some = this.selection.filter((i) => i < this.network.n).slice(0, 300);
      const { bin, colours } = this.look.points.of(this.at);
      const depth = new Float32Array(this.network.n);
      const stops = this.network.layers.map((_, at) => {
        const flat = new Float32Array(this.network.n * 2);
        const there = this.network.positions(at), scale = this.scale(at);
        this.project(flat, depth, (k) => there[k] * scale);
        return flat;
      });
      for (let at = 1; at < stops.length; at++) {
        const [a, b] = [stops[at - 1], stops[at]];
        pen.globalAlpha = at <= this.at ? 0.25 + (0.6 * at) / Math.max(this.at, 1) : 0.15;
        pen.lineWidth = at <= this.at ? 1.6 : 1;
        for (const i of some) {
          pen.strokeStyle = colours[bin[i]] || G.NONE[this.look.theme];
          pen.beginPath();
          pen.moveTo(a[2 * i], a[2 * i + 1]);
          pen.lineTo(b[2 * i], b[2 * i + 1]);
          pen.stroke();
        }
      }
      pen.globalAlpha = 1;
    }

    paintLasso(pen) {
      const ink = this.look.theme === "dark" ? "#6cb4ee" : "#1b6ca8";
      pen.beginPath();
      this.lasso.forEach(([x, y], at) => pen[at ? "lineTo" : "moveTo"](x, y));
      pen.closePath();
      pen.globalAlpha = 0.12;
      pen.fillStyle = ink;
      pen.fill();
      pen.globalAlpha = 1;
      pen.strokeStyle = ink;
      pen.lineWidth = 1.5;
      pen.stroke();
    }

    /* The point under a place of the canvas, the nearest in front, -1 where there is none. */
    under(x, y) {
      if (!this.network) return -1;
      let best = -1, least = (this.radius() + 5) ** 2;
      for (let i = 0; i < this.network.n; i++) {
        const gap = (this.flat[2 * i] - x) ** 2 + (this.flat[2 * i + 1] - y) ** 2;
        if (gap < least) { least = gap; best = i; }
      }
      return best;
    }

    /* The points inside a closed line. */
    within(line) {
      const found = [];
      for (let i = 0; i < this.network.n; i++) {
        const x = this.flat[2 * i], y = this.flat[2 * i + 1];
        let inside = false;
        for (let a = 0, b = line.length - 1; a < line.length; b = a++) {
          const [ax, ay] = line[a], [bx, by] = line[b];
          if ((ay > y) !== (by > y) && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
        }
        if (inside) found.push(i);
      }
      return found;
    }

    /* The picture as parts of an SVG. */
    drawn() {
      const pen = new G.SvgPen(Math.round(this.width), Math.round(this.height));
      this.place(1);
      this.paint(pen, false);
      return pen;
    }
  }

  Object.assign(G, { Picture, MOST_EDGES });
})();
