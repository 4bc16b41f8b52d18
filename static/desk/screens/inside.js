import { html } from "../../vendor/lit-html/lit-html.js";

export const list = () => html``;
export const view = list;
