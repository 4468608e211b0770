// Runs before and without WebAssembly: sets the theme chosen on the last visit, and shows why the page cannot start. It is a
// separate file, because a strict content policy forbids scripts inside the page.
(function () {
  "use strict";
  var root = document.documentElement;

  try {
    var theme = localStorage.getItem("gatelab-theme");
    if (theme === "dark" || theme === "light") root.setAttribute("data-theme", theme);
  } catch (refused) {
    // Storage may be forbidden; then the system's theme is used.
  }

  function say(text) {
    var place = document.getElementById("boot-message");
    if (!place || root.hasAttribute("data-mounted")) return;
    place.textContent = text;
    root.setAttribute("data-state", "failed");
  }

  function ready(then) {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", then);
    else then();
  }

  // (module (func (result v128) i32.const 0 i8x16.splat)): valid only with 128-bit vectors.
  var simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];

  var missing = "";
  if (typeof WebAssembly !== "object") {
    missing =
      "WebAssembly is switched off in this browser (some high-security modes do that). Gatelab needs it: allow it for this " +
      "page, or open the page in another browser.";
  } else if (!WebAssembly.validate(new Uint8Array(simd))) {
    missing =
      "This browser or processor lacks WebAssembly SIMD, which Gatelab needs. Browsers since Chrome 91, " +
      "Firefox 89 and Safari 16.4 have it.";
  } else if (!("noModule" in document.createElement("script")) || typeof Worker !== "function") {
    missing = "This browser is too old for Gatelab: it needs module scripts and workers. Use a current browser.";
  }

  if (missing) {
    ready(function () {
      say(missing);
    });
    return;
  }

  window.addEventListener(
    "error",
    function (event) {
      var source = event.target && (event.target.src || event.target.href);
      if (source) say("A part of the page could not be loaded (" + source + "). Check the connection and reload.");
    },
    true
  );
  window.addEventListener("unhandledrejection", function (event) {
    say("The page could not start: " + (event.reason && event.reason.message ? event.reason.message : event.reason) + " Reload to try again.");
  });
  setTimeout(function () {
    say("The page has been loading for 10 seconds. It may still start; if it does not, check the connection and reload.");
  }, 10000);
})();
