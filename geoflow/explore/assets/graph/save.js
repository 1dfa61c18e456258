/* The pictures on show as a file: PNG and SVG made here, one HTML file by the server of the page. */
window.geoflowGraph = window.geoflowGraph || {};
(() => {
  "use strict";
  const G = window.geoflowGraph;
  const INK = { light: "#1c2430", dark: "#e4e9ef" };

  function png(panel) {
    const canvases = panel.views.map(({ picture }) => picture.canvas);
    const whole = document.createElement("canvas");
    whole.width = canvases.reduce((sum, one) => sum + one.width, 0);
    whole.height = Math.max(...canvases.map((one) => one.height));
    const pen = whole.getContext("2d");
    let x = 0;
    for (const { picture, network } of panel.views) {
      pen.drawImage(picture.canvas, x, 0);
      if (panel.views.length > 1) {
        pen.fillStyle = INK[panel.theme];
        pen.font = `${13 * picture.ratio}px sans-serif`;
        pen.fillText(network.facts.network, x + 16 * picture.ratio, 22 * picture.ratio);
      }
      x += picture.canvas.width;
    }
    return new Promise((done) => { whole.toBlob(done, "image/png"); });
  }

  function svg(panel, title) {
    const pens = panel.views.map(({ picture, network }) => {
      const pen = picture.drawn();
      pen.fillStyle = INK[panel.theme];
      if (panel.views.length > 1) pen.write(network.facts.network);
      return pen;
    });
    return new Blob([G.svg(pens, title)], { type: "image/svg+xml" });
  }

  /* One file with the data, the scripts and the looks: it needs no server and no network. */
  async function html(panel) {
    const { network, k, convention } = panel.network.facts;
    const { other, layer, layout, dimensions, points, edges, share, trails } = panel.state;
    const asked = {
      network, k, convention, theme: panel.theme, other: panel.views[1] && other, layer, layout,
      dimensions, points, edges, share, trails, selection: panel.selection().join(","),
    };
    const given = Object.entries(asked).filter(([, one]) => (one ?? "") !== "");
    const answer = await fetch("graph/file", { method: "POST", body: new URLSearchParams(given) });
    if (G.isSentence(answer)) throw new Error(await answer.text());
    return answer.blob();
  }

  function name(panel, kind) {
    const { facts } = panel.network, second = panel.views[1];
    const both = second ? `${facts.network}-and-${second.network.facts.network}` : facts.network;
    const layer = kind === "html" ? "" : `-layer${panel.layers[panel.at]}`;
    return `${both}${layer}-k${facts.k}.${kind}`.replace(/[^A-Za-z0-9_.@-]+/g, "_");
  }

  async function save(panel, kind) {
    if (!panel.network) return;
    try {
      const file = name(panel, kind);
      const link = G.made("a");
      const content = await { png, svg, html }[kind](panel, file);
      link.href = URL.createObjectURL(content);
      link.download = file;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    } catch (error) { panel.main.say(error.message); }
  }

  Object.assign(G, { save });
})();
