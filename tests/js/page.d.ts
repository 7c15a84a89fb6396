// What the scripts of the pages may count on, for `tsc --checkJs`. The browser's own types say that
// an event comes from "some target" and that a selector finds "some element"; in these scripts both
// are HTML elements of a page, whose selector says which. So the members of form controls and
// dialogs are declared on elements at large: a misspelled one is still found.

/** What elements of a page have, form controls, dialogs and templates among them. */
interface Element {
  value: any;
  checked: any;
  disabled: any;
  readOnly: any;
  required: any;
  name: any;
  type: any;
  files: any;
  form: any;
  elements: any;
  options: any;
  selectedIndex: any;
  selectionStart: any;
  selectionEnd: any;
  action: any;
  href: any;
  src: any;
  open: any;
  returnValue: any;
  content: any;
  select: any;
  setSelectionRange: any;
  setCustomValidity: any;
  reportValidity: any;
  checkValidity: any;
  validationMessage: any;
  requestSubmit: any;
  submit: any;
  showModal: any;
  close: any;
  dataset: any;
  style: any;
  hidden: any;
  title: any;
  focus: any;
  blur: any;
  click: any;
  onclick: any;
  tabIndex: any;
  innerText: any;
  offsetParent: any;
  offsetWidth: any;
  offsetHeight: any;
  offsetTop: any;
  draggable: any;
  isContentEditable: any;
  wubuFormula: any; // formula.js: the editor of this box
  people: any; // record.js: whom @ offers
  mentions: any;
  toolbarElement: any; // Trix
  inputElement: any;
}

/** Events of the pages come from elements; `document` and `window` are told apart by `closest?.`. */
interface EventTarget {
  value: any;
  checked: any;
  disabled: any;
  readOnly: any;
  required: any;
  name: any;
  type: any;
  files: any;
  form: any;
  elements: any;
  options: any;
  selectedIndex: any;
  selectionStart: any;
  selectionEnd: any;
  action: any;
  href: any;
  src: any;
  open: any;
  returnValue: any;
  content: any;
  select: any;
  setSelectionRange: any;
  setCustomValidity: any;
  reportValidity: any;
  checkValidity: any;
  validationMessage: any;
  requestSubmit: any;
  submit: any;
  showModal: any;
  close: any;
  dataset: any;
  style: any;
  hidden: any;
  title: any;
  focus: any;
  blur: any;
  click: any;
  onclick: any;
  tabIndex: any;
  tagName: any;
  innerText: any;
  offsetParent: any;
  offsetWidth: any;
  offsetHeight: any;
  offsetTop: any;
  draggable: any;
  isContentEditable: any;
  wubuFormula: any; // formula.js: the editor of this box
  people: any; // record.js: whom @ offers
  mentions: any;
  toolbarElement: any; // Trix
  inputElement: any;
  closest: any;
  matches: any;
  querySelector: any;
  querySelectorAll: any;
  getAttribute: any;
  setAttribute: any;
  removeAttribute: any;
  hasAttribute: any;
  contains: any;
  classList: any;
  parentElement: any;
  textContent: any;
  id: any;
  getBoundingClientRect: any;
  append: any;
  remove: any;
  reason: any;
  selectedOptions: any;
  reset: any;
  innerHTML: any;
  text: any;
}

/** Events of htmx and of Wubu carry a detail. */
interface Event {
  detail: any;
  paste?: any; // Trix
}

/** What Wubu's scripts share. Each is set by the script that is named beside it. */
interface Wubu {
  say(chinese: string, english: string): string; // app.js
  cookie(name: string): string;
  keep(name: string, value: string): void;
  body(form: HTMLFormElement): URLSearchParams;
  post(url: string, values?: Record<string, any> | FormData): Promise<Response>;
  toast(notice: { message: string; tone?: string; undo?: string }): void;
  dropDraft(form: HTMLFormElement): void;
  restoreDraft(form: HTMLFormElement): void;
  formulas?(box: ParentNode): void; // formula.js
  beginForms?(box: ParentNode): void; // form_live.js
  relayForm?(form: HTMLFormElement, again: () => void): Promise<void>; // form_layout.js
  quickCreate?(url: string, words: string, chosen: (item: { id: string; title: string }) => void, back: Element): Promise<void>; // form_quick.js
  design: Design; // form_design.js
  forced?: boolean; // grid.js: an answer may replace what is being edited
}

/** What the parts of the form designer share; form_design.js makes it, form_design_parts.js adds. */
interface Design {
  el(tag: string, className?: string, text?: string): any;
  icon(name: string): any;
  say(chinese: string, english: string): string;
  [part: string]: any;
}

interface Window {
  wubu: Wubu;
  htmx: any;
  echarts: any;
  Alpine: any;
  Sortable: any;
  SignaturePad: any;
  Trix: any;
  GridStack: any;
  tabler: any;
  bootstrap: any;
}
declare const wubu: Wubu;
declare const htmx: any;
declare const echarts: any;
declare const Alpine: any;
declare const Sortable: any;
declare const SignaturePad: any;
declare const Trix: any;
declare const GridStack: any;
