/* A network as it was sent: its arrays, and what follows from them. */
window.geoflowGraph = window.geoflowGraph || {};
(() => {
  "use strict";
  const KINDS = {
    float32: Float32Array, int32: Int32Array, uint32: Uint32Array, uint16: Uint16Array,
  };

  /* The facts and arrays of bytes: see geoflow/explore/graphdata.py. */
  function unpacked(bytes) {
    const length = new DataView(bytes).getUint32(0, true);
    const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
    const arrays = {};
    for (const { name, type, shape, start } of facts.arrays) {
      const count = shape.reduce((a, b) => a * b, 1);
      arrays[name] = new KINDS[type](bytes, 4 + length + start, count);
    }
    return { facts, arrays };
  }

  const isSentence = (answer) =>
    !answer.ok || answer.headers.get("Content-Type").startsWith("text/plain");

  async function fetched(what, asked) {
    const given = Object.entries(asked).filter(([, value]) => value !== null && value !== "");
    const answer = await fetch(`graph/${what}?${new URLSearchParams(given)}`);
    if (answer.status === 204) return null; /* as it is known */
    if (isSentence(answer)) throw new Error(await answer.text());
    return unpacked(await answer.arrayBuffer());
  }

  /* The rows of adjacent points of n points, each edge in both rows. */
  function adjacency(n, ends) {
    const starts = new Uint32Array(n + 1);
    for (let e = 0; e < ends.length; e++) starts[ends[e] + 1]++;
    for (let i = 0; i < n; i++) starts[i + 1] += starts[i];
    const fill = starts.slice(0, n);
    const near = new Uint32Array(ends.length);
    for (let e = 0; e < ends.length; e += 2) {
      near[fill[ends[e]]++] = ends[e + 1];
      near[fill[ends[e + 1]]++] = ends[e];
    }
    return { starts, near };
  }

  class Network {
    constructor({ facts, arrays }) {
      this.facts = facts;
      this.arrays = arrays;
      this.n = facts.n;
      this.layers = facts.layers.map((one) => one.layer);
      this.dimensions = arrays.positions.length / (this.n * this.layers.length);
      this.near = new Map();
      this.values = new Map();
      this.scores = new Map();
      this.brought = new Set();
    }

    /* Where in the list of layers one is, the nearest where it is not there. */
    place(layer) {
      let best = 0;
      this.layers.forEach((one, at) => {
        if (Math.abs(one - layer) < Math.abs(this.layers[best] - layer)) best = at;
      });
      return best;
    }

    positions(at) {
      const size = this.n * this.dimensions;
      return this.arrays.positions.subarray(at * size, (at + 1) * size);
    }

    edges(at) { return this.arrays[`edges ${this.layers[at]}`]; }
    degree(at) { return this.arrays[`degree ${this.layers[at]}`]; }

    adjacent(at) {
      if (!this.near.has(at)) this.near.set(at, adjacency(this.n, this.edges(at)));
      return this.near.get(at);
    }

    /* Forman's curvature of every edge of a layer: 4 - deg i - deg j. */
    forman(at) {
      const ends = this.edges(at), degree = this.degree(at);
      const found = new Float32Array(ends.length / 2);
      for (let e = 0; e < found.length; e++) {
        found[e] = 4 - degree[ends[2 * e]] - degree[ends[2 * e + 1]];
      }
      return found;
    }

    curvature(kind, at) {
      const key = `${kind} ${at}`;
      if (!this.values.has(key)) {
        if (kind !== "forman") return null;
        this.values.set(key, this.forman(at));
      }
      return this.values.get(key);
    }

    /* Take the stored curvature of one kind of all layers. */
    take(kind, arrays) {
      this.layers.forEach((layer, at) => this.values.set(`${kind} ${at}`, arrays[`values ${layer}`]));
    }

    /* The mean curvature of the edges at each point. */
    atPoints(kind, at) {
      const values = this.curvature(kind, at), ends = this.edges(at);
      if (!values) return null;
      const sum = new Float64Array(this.n), count = new Uint32Array(this.n);
      for (let e = 0; e < values.length; e++) {
        for (const i of [ends[2 * e], ends[2 * e + 1]]) { sum[i] += values[e]; count[i]++; }
      }
      return Float32Array.from(sum, (one, i) => (count[i] ? one / count[i] : NaN));
    }

    /* Hops from a point to all others, -1 where there is no path, and by whom each was reached. */
    hops(at, start) {
      const { starts, near } = this.adjacent(at);
      const hops = new Int32Array(this.n).fill(-1), by = new Int32Array(this.n).fill(-1);
      const queue = new Uint32Array(this.n);
      hops[start] = 0;
      queue[0] = start;
      for (let head = 0, tail = 1; head < tail; head++) {
        const v = queue[head];
        for (let e = starts[v]; e < starts[v + 1]; e++) {
          const j = near[e];
          if (hops[j] < 0) { hops[j] = hops[v] + 1; by[j] = v; queue[tail++] = j; }
        }
      }
      return { hops, by };
    }

    /* A shortest path between two points, empty where there is none. */
    path(at, start, end) {
      const { hops, by } = this.hops(at, start);
      if (hops[end] < 0) return [];
      const found = [end];
      while (found[0] !== start) found.unshift(by[found[0]]);
      return found;
    }
  }

  Object.assign(window.geoflowGraph, { Network, fetched, isSentence, unpacked });
})();
