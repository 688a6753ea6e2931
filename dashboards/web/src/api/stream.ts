// The live stream of the station. The browser resumes a broken stream by itself with
// `Last-Event-ID`; this adds what it does not do: a stream that the browser gave up, or that says
// nothing at all, is opened again. Decides nothing about the page: it only reports.
import type {
  AlarmEvent,
  AnalyzerHealth,
  ChannelValue,
  Correction,
  Heartbeat,
  Pulse,
  RulesEvent,
  WarningEvent,
} from './contract';

const STREAM_URL = '/api/v1/events';
/** The browser has this long to resume a stream by itself before it is opened anew … */
const REOPEN_AFTER_MS = 3_000;
/** … and this is the pause where it has given the stream up. */
const REOPEN_CLOSED_AFTER_MS = 1_000;

interface Payloads {
  hello: (beat: Heartbeat) => void;
  beat: (beat: Heartbeat) => void;
  warning: (event: WarningEvent) => void;
  alarm: (event: AlarmEvent) => void;
  readings: (values: ChannelValue[]) => void;
  health: (analyzers: AnalyzerHealth[]) => void;
  correction: (correction: Correction) => void;
  rules: (event: RulesEvent) => void;
  pulse: (pulse: Pulse) => void;
  /** Something else changed that is asked for: `seq` where it has a place in the ledger. */
  noted: (event: { seq?: number }) => void;
}

export interface StreamListener extends Payloads {
  /** The stream cannot resume where it was: everything must be fetched again. */
  reset: () => void;
  broken: () => void;
}

/** Names of the events on the stream and who takes them. */
const EVENTS: readonly (readonly [name: string, kind: keyof Payloads])[] = [
  ['hello', 'hello'],
  ['heartbeat', 'beat'],
  ['warning', 'warning'],
  ['alarm', 'alarm'],
  ['readings', 'readings'],
  ['health', 'health'],
  ['correction', 'correction'],
  ['rules', 'rules'],
  ['pulse', 'pulse'],
  ['equipment', 'noted'],
  ['flood', 'noted'],
  ['incident', 'noted'],
  ['drill', 'noted'],
];

export class LiveStream {
  private source: EventSource | null = null;
  private openedAtMs = 0;

  constructor(
    private readonly listener: StreamListener,
    private readonly monotonicMs: () => number,
  ) {}

  open(): void {
    this.close();
    const source = new EventSource(STREAM_URL);
    this.source = source;
    this.openedAtMs = this.monotonicMs();
    for (const [name, kind] of EVENTS) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        this.deliver(kind, event.data);
      });
    }
    source.addEventListener('reset', () => {
      this.listener.reset();
    });
    source.onerror = () => {
      this.listener.broken();
    };
  }

  /** Opens again when the stream, of no use since `uselessSinceMs`, does not come back. */
  reopenIfDead(uselessSinceMs: number): void {
    const waitedMs = this.monotonicMs() - Math.max(this.openedAtMs, uselessSinceMs);
    const closed = (this.source?.readyState ?? EventSource.CLOSED) === EventSource.CLOSED;
    if (waitedMs > (closed ? REOPEN_CLOSED_AFTER_MS : REOPEN_AFTER_MS)) {
      this.open();
    }
  }

  close(): void {
    this.source?.close();
    this.source = null;
  }

  /** An event that cannot be read counts as a broken stream: what it said is missing now. */
  private deliver(kind: keyof Payloads, text: string): void {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      this.listener.broken();
      return;
    }
    // The shape is the contract's; the name of the event says which one.
    (this.listener[kind] as (data: unknown) => void)(data);
  }
}
