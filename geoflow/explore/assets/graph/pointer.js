/* The pointer and the keys on the canvas: hover, click, lasso, move, turn, zoom. */
window.geoflowGraph = window.geoflowGraph || {};
(() => {
  "use strict";
  const G = window.geoflowGraph;
  const SLACK = 4; /* pixels that a click may move */

  function place(canvas, event) {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  function listenToCanvas(panel, view) {
    const { picture } = view, { canvas } = picture;
    let press = null;

    canvas.addEventListener("pointerdown", (event) => {
      if (!picture.network || event.button) return;
      canvas.setPointerCapture(event.pointerId);
      const at = place(canvas, event);
      const lasso = event.shiftKey || G.part("lasso").getAttribute("aria-pressed") === "true";
      press = { at, last: at, lasso, moved: false };
    });

    canvas.addEventListener("pointermove", (event) => {
      if (!picture.network) return;
      const at = place(canvas, event);
      if (press) drag(picture, press, at);
      else hover(panel, view, at);
    });

    canvas.addEventListener("pointerup", (event) => {
      if (!press) return;
      const { lasso, moved, at } = press;
      press = null;
      picture.drags = false;
      if (lasso && moved) {
        const found = picture.within(picture.lasso || []);
        picture.lasso = null;
        panel.select(event.altKey ? [...new Set([...panel.selection(), ...found])] : found);
      } else if (!moved) click(panel, picture.under(...at), event.shiftKey || event.ctrlKey);
      picture.lasso = null;
      picture.draw();
    });

    canvas.addEventListener("pointerleave", () => {
      panel.hover(-1);
      view.part("tip").hidden = true;
    });

    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      zoom(picture, place(canvas, event), Math.exp(-event.deltaY / 600));
    }, { passive: false });

    canvas.addEventListener("keydown", (event) => key(panel, picture, event));
  }

  function drag(picture, press, at) {
    const [dx, dy] = [at[0] - press.last[0], at[1] - press.last[1]];
    const far = Math.hypot(at[0] - press.at[0], at[1] - press.at[1]) > SLACK;
    if (!press.moved && !far) return;
    press.moved = true;
    press.last = at;
    if (press.lasso) {
      picture.lasso = [...(picture.lasso || [press.at]), at];
    } else if (picture.network.dimensions > 2) {
      picture.turn = [picture.turn[0] + dx / 150, picture.turn[1] + dy / 150];
      picture.drags = true;
    } else {
      picture.shift = [picture.shift[0] + dx, picture.shift[1] + dy];
      picture.drags = true;
    }
    picture.draw();
  }

  function zoom(picture, [x, y], factor) {
    const now = Math.min(60, Math.max(0.2, picture.zoom * factor));
    const part = now / picture.zoom;
    const [cx, cy] = [x - picture.width / 2, y - picture.height / 2];
    picture.shift = [cx - (cx - picture.shift[0]) * part, cy - (cy - picture.shift[1]) * part];
    picture.zoom = now;
    picture.draw();
  }

  /* A click chooses a point, with Shift or Ctrl one more; beside all points it chooses none. */
  function click(panel, point, isMore) {
    const chosen = panel.selection();
    if (point < 0) { if (!isMore && chosen.length) panel.select([]); return; }
    if (!isMore) panel.select([point]);
    else if (chosen.includes(point)) panel.select(chosen.filter((one) => one !== point));
    else panel.select([...chosen, point]);
  }

  function hover(panel, view, at) {
    const { picture } = view;
    const point = picture.under(...at);
    panel.hover(point);
    const tip = view.part("tip");
    tip.hidden = point < 0;
    if (point < 0) return;
    tip.replaceChildren(...G.pointRows(view, point));
    const [x, y] = [at[0] + 16, at[1] + 12];
    tip.style.left = `${Math.min(x, picture.width - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.min(y, picture.height - tip.offsetHeight - 8)}px`;
  }

  function key(panel, picture, event) {
    if (!picture.network || event.ctrlKey || event.metaKey || event.altKey) return;
    const { at, layers } = panel, last = layers.length - 1;
    const acts = {
      ArrowRight: () => panel.go(Math.min(last, at + 1)),
      ArrowLeft: () => panel.go(Math.max(0, at - 1)),
      Home: () => panel.go(0),
      End: () => panel.go(last),
      "+": () => zoom(picture, [picture.width / 2, picture.height / 2], 1.25),
      "-": () => zoom(picture, [picture.width / 2, picture.height / 2], 0.8),
      0: () => panel.home(),
      " ": () => panel.play(),
      Escape: () => panel.select([]),
    };
    if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
  }

  Object.assign(G, { listenToCanvas });
})();
