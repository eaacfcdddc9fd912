// What the page cannot say in HTML: keep details open and the focus in place after a step, keys, print, saving.
"use strict";
(() => {
  const work = () => document.getElementById("work");
  let open = new Map();

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== work()) return;
    if (!(event.detail.xhr.getResponseHeader("Content-Type") || "").startsWith("text/html")) {
      event.detail.shouldSwap = false;
      say("The step was refused and nothing was changed: " + event.detail.xhr.responseText.slice(0, 300));
      if (event.detail.xhr.status === 401) offerLogin();
      return;
    }
    open = new Map([...work().querySelectorAll("details[id]")].map((d) => [d.id, d.open]));
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== work()) return;
    for (const [id, wasOpen] of open) {
      const details = document.getElementById(id);
      if (details) details.open = wasOpen;
    }
    setUp();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== work()) return;
    // A saved case has an address of its own, so that a reload finds it again.
    const address = document.getElementById("after")?.dataset.address;
    if (address && address !== location.pathname) history.replaceState(null, "", address);
    const problem = document.getElementById("problem");
    if (problem) problem.scrollIntoView({ block: "nearest" });
    const lost = !document.activeElement || document.activeElement === document.body;
    const wanted = document.getElementById("after")?.dataset.focus;
    if (lost && wanted) document.getElementById(wanted)?.focus({ preventScroll: true });
    const log = document.querySelector(".talk");
    if (log && wanted === "say") log.scrollTop = log.scrollHeight;
  });

  document.addEventListener("htmx:sendError", () => say("The program does not answer. Is rarescale serve still running?"));
  document.addEventListener("htmx:responseError", () => say("The step failed and nothing was changed. Try again."));

  function say(text) {
    const status = document.getElementById("status");
    status.textContent = text;
    status.classList.remove("vh");
    status.classList.add("alert");
  }

  // In another tab, so that the work in this one stays as it is.
  function offerLogin() {
    const link = document.createElement("a");
    link.href = "/login";
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = "Sign in";
    document.getElementById("status").append(" ", link);
  }

  // A download is an ordinary form post, so htmx must not see it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.hasAttribute("data-print")) window.print();
    if (!button?.hasAttribute("data-download")) return;
    event.preventDefault();
    event.stopPropagation();
    const form = document.createElement("form");
    form.method = "post";
    form.action = button.getAttribute("formaction");
    form.hidden = true;
    for (const name of ["csrf", "state", "deidentified"]) {
      const field = document.querySelector(`#bench [name=${name}]`);
      if (!field || (field.type === "checkbox" && !field.checked)) continue;
      const copy = document.createElement("input");
      copy.type = "hidden";
      copy.name = name;
      copy.value = field.value;
      form.append(copy);
    }
    document.body.append(form);
    form.submit();
    form.remove();
  }, true);

  // Ctrl or Cmd with Enter sends the text that is being written; Escape empties the search.
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (field.tagName === "TEXTAREA" && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      field.form.requestSubmit(document.getElementById("say-go") || undefined);
      event.preventDefault();
    }
    if (field.id === "q" && event.key === "Escape") {
      field.value = "";
      document.getElementById("hits").replaceChildren();
    }
    if (field.id === "q" && event.key === "Enter" && field.value.trim()) {
      document.getElementById("q-go").click();
      event.preventDefault();
    }
  });

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.id === "file" && field.files.length) field.form.requestSubmit();
    if (field.id === "sex" || field.id === "age") document.getElementById("person-go").click();
    if (field.id.startsWith("o-")) document.getElementById("og-" + field.id.slice(2)).click();
  });

  document.documentElement.classList.add("js");

  // Printing needs a script, so its button shows only where there is one; on paper every reason is wanted.
  function setUp() {
    for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
  }
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll(".ddx details")) details.open = true;
  });
  setUp();
})();
