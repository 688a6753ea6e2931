import { expect, it } from 'vitest';

import type { KpiFigure, KpiPosition, Kpis } from '../api/contract';
import { barsOf, figuresOfPosition, figureText, sortFigures } from './kpis';

const figure = (measure: string, standing: string, extra: Partial<KpiFigure> = {}): KpiFigure => ({
  measure, name: { zh: 'x', en: 'x' }, unit: 'count', standing, ...extra,
});

it('a share of nothing is no data, never nought', () => {
  expect(figureText(figure('a', 'no-data', { unit: 'percent' }))).toBeNull();
  expect(figureText(figure('a', 'met', { value: 0, unit: 'percent' }))).toBe('0 %');
  expect(figureText(figure('a', 'met', { value: 1.23456 }))).toBe('1.23');
  expect(figureText(figure('a', 'met', { value: 144.04 }))).toBe('144');
});

it('what is missed stands first, else the order stays', () => {
  const figures = [
    figure('a', 'met'), figure('b', 'no-target'), figure('c', 'missed'), figure('d', 'met'),
    figure('e', 'never heard of'), figure('f', 'manageable'), figure('g', 'missed'),
  ];
  expect(sortFigures(figures).map(({ measure }) => measure).join('')).toBe('cgfadbe');
});

it('bars are on one scale, and nothing has no length', () => {
  const rows = [{ label: '0', count: 8 }, { label: '1', count: 2 }, { label: '2', count: 0 }];
  expect(barsOf(rows).map(({ part }) => part)).toEqual([1, 0.25, 0]);
  expect(barsOf([{ label: '0', count: 0 }])[0]?.part).toBe(0);
  expect(barsOf([])).toEqual([]);
});

it('a position that is not in the answer has no figures', () => {
  const of = (position: string | null) => ({ position, calls: 1 }) as KpiPosition;
  const kpis = { positions: [of('north')], site: of(null) } as Kpis;
  expect(figuresOfPosition(kpis, 'north')?.position).toBe('north');
  expect(figuresOfPosition(kpis, null)?.position).toBeNull();
  expect(figuresOfPosition(kpis, 'south')).toBeNull();
  expect(figuresOfPosition({ ...kpis, site: null }, null)).toBeNull();
});
