/* A pen that writes SVG: the part of a canvas's context that the picture uses. */
window.geoflowGraph = window.geoflowGraph || {};
(() => {
  "use strict";
  const round = (x) => Math.round(x * 100) / 100;
  const escape = (text) => String(text).replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

  class SvgPen {
    constructor(width, height) {
      this.size = [width, height];
      this.parts = [];
      this.way = [];
      Object.assign(this, { fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1 });
      Object.assign(this, { lineCap: "butt", lineJoin: "miter" });
    }

    beginPath() { this.way = []; }
    moveTo(x, y) { this.way.push(`M${round(x)} ${round(y)}`); }
    lineTo(x, y) { this.way.push(`L${round(x)} ${round(y)}`); }
    closePath() { this.way.push("Z"); }
    arc(x, y, r) {
      const a = round(r);
      this.way.push(`M${round(x - r)} ${round(y)}a${a} ${a} 0 1 0 ${2 * a} 0a${a} ${a} 0 1 0 ${-2 * a} 0`);
    }

    fillRect(x, y, w, h) {
      this.parts.push(`<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${escape(this.fillStyle)}"/>`);
    }

    fill() { this.put(`fill="${escape(this.fillStyle)}"`); }
    stroke() {
      this.put(`fill="none" stroke="${escape(this.strokeStyle)}" stroke-width="${this.lineWidth}"`);
    }

    put(style) {
      if (this.way.length) {
        this.parts.push(`<path d="${this.way.join("")}" ${style} opacity="${round(this.globalAlpha)}"/>`);
      }
    }

    /* Text in the corner, as the page has the name of each of two networks. */
    write(text) {
      this.parts.push(`<text x="16" y="22" font-family="sans-serif" font-size="13" `
        + `fill="${escape(this.fillStyle)}">${escape(text)}</text>`);
    }
  }

  /* Pictures beside each other as one SVG. */
  function svg(pens, title) {
    const w = pens.reduce((sum, { size }) => sum + size[0], 0);
    const h = Math.max(...pens.map(({ size }) => size[1]));
    let x = 0;
    const parts = pens.map(({ size, parts: own }) => {
      const part = `<svg x="${x}" width="${size[0]}" height="${size[1]}">${own.join("\n")}</svg>`;
      x += size[0];
      return part;
    });
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" `
      + `viewBox="0 0 ${w} ${h}"><title>${escape(title)}</title>${parts.join("\n")}</svg>`;
  }

  Object.assign(window.geoflowGraph, { SvgPen, svg });
})();
