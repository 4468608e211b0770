// Runs in every document before its own scripts; see `complaints` in session.rs.
(() => {
  const complaints = (window.__complaints = []);
  const note = (kind, text) => complaints.push(`${kind}: ${text}`);
  addEventListener("unhandledrejection", (event) => note("rejection", event.reason?.stack ?? event.reason));
  const Plain = window.Worker;
  window.Worker = class Worker extends Plain {
    constructor(address, options) {
      super(address, options);
      // Empty when the script could not be loaded at all.
      this.addEventListener("error", (event) => note("worker", event.message || `${address} could not be started`));
      this.addEventListener("messageerror", () => note("worker", `${address} sent what cannot be read`));
    }
  };
})();
