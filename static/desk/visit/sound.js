/* Three short signals that no ear confuses, what a hand feels, and a voice that reads Chinese. */

import { settings } from "../say.js";

const SIGNALS = {
  admit: { wave: "sine", notes: [[660, 0, 0.12], [880, 0.13, 0.22]], shake: [80] },
  hold: { wave: "triangle", notes: [[520, 0, 0.18], [520, 0.3, 0.18]], shake: [120, 100, 120] },
  refuse: { wave: "square", notes: [[196, 0, 0.16], [165, 0.2, 0.16], [131, 0.4, 0.3]], shake: [300, 100, 300] },
};
let out = null;

/** The signal of a verdict, where sound is on and the browser lets it. */
export function signal(verdict) {
  const { wave, notes, shake } = SIGNALS[verdict];
  navigator.vibrate?.(shake);
  const Sound = globalThis.AudioContext;
  if (!settings.sound || !Sound) return;
  out ??= new Sound();
  out.resume().catch(() => undefined);
  for (const [pitch, after, length] of notes) {
    const tone = out.createOscillator(), loud = out.createGain(), from = out.currentTime + after;
    Object.assign(tone, { type: wave });
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.25, from);
    loud.gain.exponentialRampToValueAtTime(0.001, from + length);
    tone.connect(loud).connect(out.destination);
    tone.start(from);
    tone.stop(from + length);
  }
}

/** Whether this phone can read aloud. */
export const speaks = () => "speechSynthesis" in globalThis;

/** Read a Chinese text aloud, in place of what is being read. */
export function read(text) {
  speechSynthesis.cancel();
  speechSynthesis.speak(Object.assign(new SpeechSynthesisUtterance(text), { lang: "zh-CN", rate: 0.9 }));
}
