// How the scripts of the pages are checked: `make lint`. They are classic scripts (no build step),
// each a function of its own; what they share hangs on `window.wubu`.
import js from "@eslint/js";
import globals from "globals";

const rules = {
  ...js.configs.recommended.rules,
  "default-case-last": "error",
  eqeqeq: ["error", "always", { null: "ignore" }],
  "no-else-return": "error",
  "no-eval": "error",
  "no-implicit-globals": "error",
  "no-implied-eval": "error",
  "no-loop-func": "error",
  "no-shadow": "error",
  "no-unneeded-ternary": "error",
  "no-unused-vars": ["error", { caughtErrors: "none" }],
  "no-use-before-define": ["error", { functions: false, variables: false }],
  "no-useless-return": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-template": "error",
};
const vendored = ["Alpine", "GridStack", "SignaturePad", "Sortable", "Trix", "bootstrap", "echarts", "htmx"];

export default [
  { ignores: ["**/vendor/**", ".venv/**", "var/**", "build/**", "dist/**"] },
  {
    files: ["wubu/web/static/js/**/*.js"],
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "script",
      globals: { ...globals.browser, ...Object.fromEntries([...vendored, "wubu"].map((name) => [name, "readonly"])) },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules,
  },
  {
    files: ["tests/js/**/*.js", "*.config.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.node },
    rules,
  },
];
