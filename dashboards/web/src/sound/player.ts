// Plays cries with Web Audio, ahead of time: a page in the background is woken seldom, and must not
// fall quiet between two wakes. Knows nothing of warnings, and never says it plays where it may
// not.
import type { Cry } from '../domain/sound';
import { PATTERNS, type Tone } from './patterns';

/** Tones are set so far ahead. */
const AHEAD_S = 3;
/** A tone begins and ends so gently that it does not click. */
const EDGE_S = 0.01;
/** The first tone of a new cry. */
const SOON_S = 0.05;

export class Player {
  private context: AudioContext | null = null;
  private voice: GainNode | null = null;
  private cries: readonly Cry[] = [];
  private turn = 0;
  private nextAtS = 0;
  private volume = 1;

  constructor(private readonly changed: () => void) {}

  /** Makes ready; a browser may want somebody to press a button first. */
  open(): void {
    try {
      this.context = new AudioContext();
      this.context.addEventListener('statechange', this.changed);
      void this.allow();
    } catch {
      // A browser without Web Audio: `isAble` says so for as long as the page is open.
      this.context = null;
    }
    this.changed();
  }

  /** Asks the browser to let it play; to be called from a press of somebody. */
  async allow(): Promise<void> {
    try {
      await this.context?.resume();
    } catch {
      // Told by `isAble`.
    }
    this.changed();
    this.fill();
  }

  get isAble(): boolean {
    return this.context?.state === 'running';
  }

  setVolume(volume: number): void {
    this.volume = volume;
    if (this.voice !== null) {
      this.voice.gain.value = volume;
    }
  }

  /** Plays these one after the other, again and again; nothing: quiet, at once. */
  play(cries: readonly Cry[]): void {
    if (cries.join() !== this.cries.join()) {
      this.cut();
      this.cries = cries;
    }
    this.fill();
  }

  /** Sets the tones that are due soon; called by a timer. */
  fill(): void {
    const { context } = this;
    if (context?.state !== 'running' || this.cries.length === 0) {
      return;
    }
    this.nextAtS = Math.max(this.nextAtS, context.currentTime + SOON_S);
    while (this.nextAtS < context.currentTime + AHEAD_S) {
      const cry = this.cries[this.turn % this.cries.length];
      if (cry === undefined) {
        return;
      }
      const { tones, cycleS, wave } = PATTERNS[cry];
      for (const tone of tones) {
        this.sound(context, tone, wave);
      }
      this.nextAtS += cycleS;
      this.turn += 1;
    }
  }

  close(): void {
    this.cut();
    this.context?.removeEventListener('statechange', this.changed);
    void this.context?.close();
    this.context = null;
  }

  private cut(): void {
    this.voice?.disconnect();
    this.voice = null;
    this.turn = 0;
    this.nextAtS = 0;
  }

  private sound(context: AudioContext, { atS, lastsS, hz }: Tone, wave: OscillatorType): void {
    if (this.voice === null) {
      this.voice = context.createGain();
      this.voice.gain.value = this.volume;
      this.voice.connect(context.destination);
    }
    const beginS = this.nextAtS + atS;
    const shape = context.createGain();
    shape.gain.setValueAtTime(0, beginS);
    shape.gain.linearRampToValueAtTime(1, beginS + EDGE_S);
    shape.gain.setValueAtTime(1, beginS + lastsS - EDGE_S);
    shape.gain.linearRampToValueAtTime(0, beginS + lastsS);
    const tone = context.createOscillator();
    tone.type = wave;
    tone.frequency.value = hz;
    tone.connect(shape).connect(this.voice);
    tone.onended = () => {
      shape.disconnect();
    };
    tone.start(beginS);
    tone.stop(beginS + lastsS);
  }
}
