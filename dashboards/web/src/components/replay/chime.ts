// Two short tones, for somebody who looks at the past while something happens now.

const TONES_HZ = [880, 660];
const TONE_S = 0.25;
const LOUDNESS = 0.25;

/** Plays it; false where the browser does not let this page play. */
export async function chime(): Promise<boolean> {
  try {
    const audio = new AudioContext();
    // Without a touch of the page before, this waits for ever instead of failing.
    void audio.resume();
    await new Promise((done) => window.setTimeout(done, 50));
    if (audio.state !== 'running') {
      await audio.close();
      return false;
    }
    TONES_HZ.forEach((hz, i) => {
      const [tone, gain] = [audio.createOscillator(), audio.createGain()];
      tone.frequency.value = hz;
      gain.gain.value = LOUDNESS;
      tone.connect(gain).connect(audio.destination);
      tone.start(audio.currentTime + i * TONE_S);
      tone.stop(audio.currentTime + (i + 1) * TONE_S);
    });
    window.setTimeout(() => void audio.close(), 2_000);
    return true;
  } catch {
    return false;
  }
}
