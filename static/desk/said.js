/** A fault told to the person at the screen, in both languages; `field` names what it is about. */
export class Said extends Error {
  constructor(zh, en, field = null) {
    super(en);
    Object.assign(this, { zh, en, field });
  }
}
