// HTTP calls of the station. Every failure becomes an `ApiError` with a text in both languages;
// nothing is retried here and nothing is remembered: the caller decides and shows it.
import type {
  AcknowledgeRequest,
  Alarm,
  ChannelValue,
  Correction,
  Done,
  Edge,
  Health,
  Problem,
  Rules,
  Series,
  SetupRequest,
  SignInRequest,
  Site,
  Text,
  Warning,
  Who,
} from './contract';

const BASE = '/api/v1';
/** A call that takes longer than this has failed: the page must not wait in silence. */
const TIMEOUT_MS = 8_000;
/** A file is large, or made while it is waited for. */
const FILE_TIMEOUT_MS = 120_000;

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly detail: Text,
    /** The stable name of the problem; empty where the station did not say. */
    readonly kind = '',
    /** What the station found line by line, where it checked a text. */
    readonly report: string | null = null,
  ) {
    super(detail.en);
    this.name = 'ApiError';
  }
}

const UNREACHABLE: Text = {
  zh: '无法连接监测站。请检查网络后重试。',
  en: 'The station cannot be reached. Check the network, then try again.',
};

const UNREADABLE: Text = {
  zh: '监测站的应答无法识别。请先查看是否已经办理，再重试。',
  en: 'The answer of the station could not be read. Look whether it was done, then try again.',
};

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'detail' in body && 'detail_zh' in body;
}

function detailOf(problem: Problem): Text {
  return { zh: problem.detail_zh, en: problem.detail };
}

/** The text of any failure, for people. */
export function problemText(error: unknown): Text {
  if (error instanceof ApiError) {
    return error.detail;
  }
  const words = error instanceof Error ? error.message : String(error);
  return { zh: `页面出错：${words}`, en: `The page failed: ${words}` };
}

let csrf: string | null = null;
let refused: (() => void) | null = null;

/** The text that goes with the cookie of the session; with every act it is sent along. */
export function setCsrf(text: string | null): void {
  csrf = text;
}

/** Who is told that the station wants somebody to sign in. */
export function listenForRefusals(listener: () => void): void {
  refused = listener;
}

function kindOf(problem: Problem): string {
  return problem.type.replace('/problems/', '');
}

function headersOf(contentType: string): Record<string, string> {
  const own = { 'content-type': contentType };
  return csrf === null ? own : { ...own, 'x-siskin-csrf': csrf };
}

/** An act with its body. */
export function act(method: string, body?: object): RequestInit {
  const headers = headersOf('application/json');
  return { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
}

async function send(
  path: string, init: RequestInit, timeoutMs = TIMEOUT_MS,
): Promise<Response> {
  try {
    return await fetch(BASE + path, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    throw new ApiError(0, UNREACHABLE);
  }
}

async function read<T>(response: Response, reading: () => Promise<T>): Promise<T> {
  try {
    return await reading();
  } catch {
    throw new ApiError(response.status, UNREADABLE);
  }
}

function refusal(path: string, status: number, body: unknown): ApiError {
  if (status === 401 && path !== '/me' && path !== '/session') {
    refused?.();
  }
  return isProblem(body)
    ? new ApiError(status, detailOf(body), kindOf(body), body.report ?? null)
    : new ApiError(status, UNREADABLE);
}

/** Asks the station; other files of this folder use it for their routes. */
export async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
  return answerOf<T>(path, await send(path, init));
}

async function answerOf<T>(path: string, response: Response): Promise<T> {
  const body = await read<unknown>(response, () => response.json());
  if (!response.ok) {
    throw refusal(path, response.status, body);
  }
  // The shape is the contract's: schema.ts is generated from it and a test holds the text.
  return body as T;
}

/** Sends a file as it is. It may be large and the line thin: it has more time. */
export async function sendFile<T>(path: string, file: File): Promise<T> {
  const init = { method: 'POST', headers: headersOf('application/octet-stream'), body: file };
  const response = await send(path, init, FILE_TIMEOUT_MS);
  return answerOf<T>(path, response);
}

/** Asks for a text of another kind than JSON, to be saved. */
export async function requestText(path: string, accept: string): Promise<string> {
  const response = await send(path, { headers: { accept } });
  if (!response.ok) {
    throw refusal(path, response.status, await read<unknown>(response, () => response.json()));
  }
  return read(response, () => response.text());
}

/** Asks for a file, to be saved. */
export async function requestBlob(path: string): Promise<Blob> {
  const response = await send(path, {}, FILE_TIMEOUT_MS);
  if (!response.ok) {
    throw refusal(path, response.status, await read<unknown>(response, () => response.json()));
  }
  return read(response, () => response.blob());
}

export const api = {
  site: () => request<Site>('/site'),
  channels: () => request<ChannelValue[]>('/channels'),
  warnings: () => request<Warning[]>('/warnings?scope=open'),
  alarms: () => request<Alarm[]>('/alarms'),
  health: () => request<Health>('/health'),
  rules: () => request<Rules>('/rules'),
  edges: () => request<Edge[]>('/edges'),
  corrections: (after: number, limit: number) =>
    request<Correction[]>(`/corrections?after=${after}&limit=${limit}`),
  readings: (channel: string, fromMs: number, toMs: number, pointsMax: number) =>
    request<Series>(
      `/channels/${encodeURIComponent(channel)}/readings` +
        `?from_ms=${Math.floor(fromMs)}&to_ms=${Math.ceil(toMs)}&points_max=${pointsMax}`,
    ),
  acknowledge: (id: string, body: AcknowledgeRequest) =>
    request<Warning>(`/warnings/${encodeURIComponent(id)}/acknowledge`, act('POST', body)),
  me: () => request<Who>('/me'),
  signIn: (body: SignInRequest) => request<Who>('/session', act('POST', body)),
  signOut: () => request<Done>('/session', act('DELETE')),
  setUp: (body: SetupRequest) => request<Who>('/setup', act('POST', body)),
};
