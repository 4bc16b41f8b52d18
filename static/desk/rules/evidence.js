// What is known of a visit, made ready for look-ups.

const VISIT = ["visit"];

/** Evidence as JSON, ready: its facts and subjects, answers by question and subject, waivers by rule and subject. */
export function known(evidence) {
  const answers = new Map();
  for (const { question, subject, value } of evidence.answers ?? []) answers.set(`${question}\0${subject}`, value);
  const waivers = new Set();
  for (const [owner, rule, subject] of evidence.waivers ?? []) {
    waivers.add(subject === null ? `${owner}\0${rule}` : `${owner}\0${rule}\0${subject}`);
  }
  return {
    facts: evidence.facts ?? {},
    subjects: evidence.subjects ?? VISIT,
    /** The value that was answered, undefined where nothing was. */
    answer: (question, subject) => answers.get(`${question}\0${subject}`),
    /** Whether a person lifted the rule for this subject or for all. */
    waived: (owner, rule, subject) =>
      waivers.size > 0 && (waivers.has(`${owner}\0${rule}\0${subject}`) || waivers.has(`${owner}\0${rule}`)),
  };
}

/** The subjects of `kind` among those of a visit; the visit itself is always there. */
export function subjectsOf(kind, subjects) {
  if (kind === "visit") return VISIT;
  if (kind === "tractor") return subjects.filter((subject) => subject === "tractor");
  return subjects.filter((subject) => subject.startsWith(`${kind}:`));
}
