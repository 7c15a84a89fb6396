// Before the first paint: the chosen theme, so that no page flashes white at night.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const choice = root.dataset.themeChoice || "auto";
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  };
  apply();
  dark.addEventListener("change", () => { apply(); document.dispatchEvent(new Event("theme")); });
  // Paper is light: light letters would not be read on it.
  addEventListener("beforeprint", () => { root.dataset.bsTheme = "light"; });
  addEventListener("afterprint", apply);
})();
