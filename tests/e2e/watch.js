// Runs before the page's own scripts; see support.rs.
(() => {
  // What the root element said, in order: [attribute, value, milliseconds].
  const said = (window.__said = []);
  new MutationObserver((records) => {
    for (const { target, attributeName } of records) {
      if (target === document.documentElement) said.push([attributeName, target.getAttribute(attributeName), performance.now()]);
    }
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-step", "data-state", "data-dataset", "data-estimator"] });

  const workers = (window.__workers = []);
  const Plain = window.Worker;
  window.Worker = class Worker extends Plain {
    constructor(...given) {
      super(...given);
      workers.push(this);
    }
  };

  window.__tasks = [];
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.__tasks.push([task.startTime, task.duration]);
  }).observe({ type: "longtask", buffered: true });

  // Buttons by their accessible name.
  window.__named = (name) =>
    [...document.querySelectorAll("button")].filter(
      (button) => (button.getAttribute("aria-label") ?? button.innerText.trim()) === name && button.checkVisibility()
    );
})();
