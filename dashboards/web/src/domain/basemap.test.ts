import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { featureFilter, validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';

import {
  baseLayers, type BaseState, layerNames, type Paint, type Schema, schemaOf, settledState,
} from './basemap';

const SCHEMAS: Schema[] = ['protomaps', 'openmaptiles'];
const POINT = 1;
const LINE = 2;
const FACE = 3;

describe('whose layers a file has', () => {
  const check = (names: string[], expected: Schema | null) => {
    expect(schemaOf(names), names.join()).toBe(expected);
  };
  it('goes by names that only one of them has', () => {
    check(['earth', 'landcover', 'landuse', 'water', 'roads', 'buildings'], 'protomaps');
    check(['landcover', 'landuse', 'water', 'waterway', 'transportation'], 'openmaptiles');
    check(['water', 'landuse'], null);
    check([], null);
  });
  it('reads them from any metadata', () => {
    expect(layerNames({ vector_layers: [{ id: 'roads' }, { id: 7 }, null, { id: 'water' }] }))
      .toEqual(['roads', 'water']);
    for (const none of [null, 'x', {}, { vector_layers: 'roads' }, { vector_layers: {} }]) {
      expect(layerNames(none)).toEqual([]);
    }
  });
});

/** The ids of the layers that draw a feature. */
function drawn(schema: Schema, from: string, type: number, properties: object): string[] {
  const draws = (filter: unknown) => featureFilter(filter as never, 'filter')
    .filter({ zoom: 15 }, { type, properties } as never);
  return baseLayers(schema).filter((layer) => layer.from === from && draws(layer.filter))
    .map(({ id }) => id);
}

describe('what is drawn', () => {
  it.each(SCHEMAS)('of %s each layer once, and nothing that MapLibre would refuse', (schema) => {
    const ids = baseLayers(schema).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const layers = baseLayers(schema).map(({ id, from, type, filter }) =>
      ({ id, type, filter, source: 'base', 'source-layer': from }));
    const sources = { base: { type: 'vector', tiles: ['a://{z}/{x}/{y}'] } };
    expect(validateStyleMin({ version: 8, sources, layers } as never)).toEqual([]);
  });
  it('knows roads, water and buildings by the names of Protomaps', () => {
    expect(drawn('protomaps', 'roads', LINE, { kind: 'highway' })).toEqual(['major']);
    expect(drawn('protomaps', 'roads', LINE, { kind: 'path' })).toEqual(['minor']);
    expect(drawn('protomaps', 'roads', LINE, { kind: 'ferry' })).toEqual([]);
    expect(drawn('protomaps', 'water', FACE, { kind: 'lake' })).toEqual(['water']);
    expect(drawn('protomaps', 'water', LINE, { kind: 'river' })).toEqual(['streams']);
    expect(drawn('protomaps', 'water', POINT, { kind: 'lake' })).toEqual([]);
    expect(drawn('protomaps', 'buildings', FACE, {})).toEqual(['buildings']);
    expect(drawn('protomaps', 'landuse', FACE, { kind: 'industrial' })).toEqual(['landuse-land']);
    expect(drawn('protomaps', 'landuse', FACE, { kind: 'forest' })).toEqual(['landuse-green']);
  });
  it('knows them by the names of OpenMapTiles', () => {
    expect(drawn('openmaptiles', 'transportation', LINE, { class: 'trunk' })).toEqual(['major']);
    expect(drawn('openmaptiles', 'transportation', LINE, { class: 'rail' })).toEqual(['minor']);
    expect(drawn('openmaptiles', 'transportation', FACE, { class: 'pier' })).toEqual([]);
    expect(drawn('openmaptiles', 'waterway', LINE, { class: 'canal' })).toEqual(['streams']);
    expect(drawn('openmaptiles', 'landcover', FACE, { class: 'wood' }))
      .toEqual(['landcover-green']);
    expect(drawn('openmaptiles', 'building', FACE, {})).toEqual(['buildings']);
  });
});

it('what could not be read is told, and what is gone stays gone', () => {
  const check = (state: BaseState, faults: number, expected: BaseState) => {
    expect(settledState(state, faults), `${state} ${faults}`).toBe(expected);
  };
  check('reading', 0, 'drawn');
  check('reading', 2, 'partly');
  check('partly', 0, 'drawn');
  check('failed', 0, 'failed');
  check('none', 1, 'none');
});

/** WCAG's contrast of two colours `#rrggbb`. */
function contrast(a: string, b: string): number {
  const light = (colour: string) => {
    const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * (parts[0] ?? 0) + 0.7152 * (parts[1] ?? 0) + 0.0722 * (parts[2] ?? 0);
  };
  const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

const TOKENS = readFileSync(
  fileURLToPath(new URL('../styles/tokens.css', import.meta.url)), 'utf8');

describe.each(['dark', 'light'])('the colours of the base map in the %s', (theme) => {
  const block = TOKENS.split(`data-theme="${theme}"`)[1]?.split('}')[0] ?? '';
  const colour = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(block)?.[1] ?? '';
  const paints: Paint[] = ['land', 'green', 'water', 'building', 'road'];
  it.each(paints)('%s lets the words above it be read', (paint) => {
    for (const words of ['text', 'muted']) {
      expect(contrast(colour(words), colour(`base-${paint}`)), words).toBeGreaterThan(4.5);
    }
  });
  it.each(paints)('%s is quieter than any warning', (paint) => {
    for (const tier of ['blue', 'yellow', 'orange', 'red']) {
      expect(contrast(colour(`tier-${tier}-line`), colour(`base-${paint}`)), tier)
        .toBeGreaterThan(3);
    }
  });
});
