// The kinds of rule: what each asks, its parameters with their defaults, and the function that judges it.

import { KINDS as MADE } from "../made.js";
import { HANDLING } from "./kinds/handling.js";
import { HEALTH } from "./kinds/health.js";
import { KNOWN } from "./kinds/known.js";
import { PAPERS } from "./kinds/papers.js";
import { PLAIN } from "./kinds/plain.js";

const JUDGES = { ...PLAIN, ...PAPERS, ...HEALTH, ...HANDLING, ...KNOWN };

/** Kinds by code. */
export const KINDS = new Map(Object.entries(MADE).map(([code, kind]) => [code, { ...kind, judge: JUDGES[code] }]));
