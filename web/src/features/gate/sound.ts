/** A high tone for yes, a low one for no, two for "look here": whoever watches the queue need not look at the screen. */
export function sound(kind: 'yes' | 'no' | 'look'): void {
  try {
    const audio = new AudioContext();
    const tones = { yes: [[880, 0, 0.15]], no: [[220, 0, 0.45]], look: [[440, 0, 0.12], [440, 0.2, 0.12]] }[kind];
    for (const [pitch, from, length] of tones as [number, number, number][]) {
      const tone = audio.createOscillator();
      tone.frequency.value = pitch;
      tone.connect(audio.destination);
      tone.start(audio.currentTime + from);
      tone.stop(audio.currentTime + from + length);
    }
    setTimeout(() => void audio.close(), 800);
  } catch {
    // A browser without sound still shows icon and word.
  }
}
