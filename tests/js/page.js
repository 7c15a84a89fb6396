// A page without a browser: a document of jsdom in which scripts of the pages are run as the
// browser would run them, in order, each as a classic script.
import { readFileSync } from "node:fs";
import { afterEach } from "node:test";
import { fileURLToPath } from "node:url";
import { JSDOM } from "jsdom";

const SCRIPTS = fileURLToPath(new URL("../../wubu/web/static/js/", import.meta.url));

const open = [];
// A page that stays open keeps its timers, and the test run waits for them.
afterEach(() => { open.splice(0).forEach((window) => window.close()); });

/**
 * @param {string} html what stands in the body
 * @param {string[]} scripts names of scripts, app.js goes first by itself
 * @param {{lang?: "zh" | "en", answer?: (url: string, options: any) => any}} options
 *   `answer` says what the server answers: an object is sent as JSON, a string as HTML
 */
export const page = (html, scripts = [], { lang = "en", answer = () => ({}) } = {}) => {
  const body = `<div id="toasts" data-undo="Undo" data-close="Close"></div>${html}`;
  const { window } = new JSDOM(`<!doctype html><html data-lang="${lang}"><body>${body}</body></html>`, { url: "http://wubu.test/here", runScripts: "outside-only", pretendToBeVisual: true });
  open.push(window);
  const { document } = window;
  const requests = [];
  window.fetch = async (url, options = {}) => {
    requests.push({ url: String(url), options, body: options.body ? [...options.body] : [] });
    const given = await answer(String(url), options);
    const status = given?.status ?? 200;
    const text = typeof given === "string" ? given : JSON.stringify(given?.body ?? given);
    return { ok: status < 400, status, headers: new Map(), json: async () => JSON.parse(text), text: async () => text };
  };
  window.htmx = { process: () => {}, trigger: () => {}, ajax: () => {} };
  for (const name of ["shell/app.js", ...scripts]) window.eval(readFileSync(SCRIPTS + name, "utf8"));
  return { window, document, requests, wubu: window.wubu };
};

/** Lets timers and promises of the page run for so many milliseconds. */
export const wait = (ms = 0) => new Promise((done) => { setTimeout(done, ms); });

/** What a person does: puts words into a box, as the keyboard would. */
export const type = (window, box, words) => {
  box.value = words;
  box.dispatchEvent(new window.Event("input", { bubbles: true }));
};

export const press = (window, target, key, more = {}) => {
  const event = new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
};
