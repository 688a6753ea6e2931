import { expect, test } from 'vitest';

import type { Proof } from '../api/contract';
import { proofShown, STALE_MS } from './proof';

const SENT = '2026-01-01T08:00:00.000+08:00';
const SENT_MS = Date.parse(SENT);
const ok: Proof = { state: 'ok', last_at: SENT, age_ms: 0, way_ms: 3, broken_at: null };

test('a pulse ages until it is too old', () => {
  expect(proofShown(ok, SENT_MS + 7_000)).toEqual({ state: 'ok', ageMs: 7_000, stage: null });
  expect(proofShown(ok, SENT_MS + STALE_MS).state).toBe('ok');
});

test('a pulse that does not come to this page is a broken way, whatever the station says', () => {
  const shown = proofShown(ok, SENT_MS + STALE_MS + 1);
  expect(shown).toEqual({ state: 'broken', ageMs: STALE_MS + 1, stage: 'page' });
});

test('what the station knows to be broken is named', () => {
  const broken: Proof = { ...ok, state: 'broken', broken_at: 'ledger' };
  expect(proofShown(broken, SENT_MS)).toEqual({ state: 'broken', ageMs: 0, stage: 'ledger' });
});

test('what is held back in the outbox is as old as its last receipt', () => {
  const held: Proof = { ...ok, state: 'broken', broken_at: 'receipts', receipted_at: SENT };
  const now = { ...held, last_at: '2026-01-01T08:03:00.000+08:00' };
  expect(proofShown(now, SENT_MS + 180_000))
    .toEqual({ state: 'broken', ageMs: 180_000, stage: 'receipts' });
  expect(proofShown({ ...now, receipted_at: null }, SENT_MS).ageMs).toBeNull();
});

test('a station that has just started waits for its first pulse', () => {
  const waiting: Proof = { state: 'waiting', last_at: null, age_ms: null };
  expect(proofShown(waiting, SENT_MS)).toEqual({ state: 'waiting', ageMs: null, stage: null });
});
